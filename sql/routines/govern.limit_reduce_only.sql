-- govern.limit_reduce_only(order): an exit, a protective stop or a liquidation trades toward zero, never through it.
-- Why: what is called an exit is exempt from the limits on exposure, so it must be one (A5, B5).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_reduce_only(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'reduce_only', v.passed, (p_order).quantity, (p_order).reducible, case when v.passed then 'WITHIN' else 'WOULD_OPEN' end
    )::govern.limit_findings
    from (
        select (
            (p_order).reduces or (p_order).leg not in ('exit', 'stop', 'liquidation')
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_reduce_only(govern.order_contexts) is
'Legs exit, stop and liquidation never exceed what is held less what already closes it.';

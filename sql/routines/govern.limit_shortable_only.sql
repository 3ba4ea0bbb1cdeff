-- govern.limit_shortable_only(order): a short sale is of a shortable instrument.
-- Why: only what can be borrowed is sold short (ruling A3).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_shortable_only(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'SHORTABLE_ONLY', v.passed, null::numeric, null::numeric, case when v.passed then 'WITHIN' else 'NOT_SHORTABLE' end
    )::govern.limit_findings
    from (
        select (
            not (p_order).rules ? 'SHORTABLE_ONLY' or ((p_order).side = 'BUY' or (p_order).reduces or (p_order).shortable)
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_shortable_only(govern.order_contexts) is
'Broker rule: a short sale only of an instrument marked shortable (A3).';

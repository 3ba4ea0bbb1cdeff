-- govern.limit_no_opposite_resting(order): no live order stands against it that it is not ordered behind.
-- What: at placing a resting stop makes way by itself; at release it must be gone.
-- Why: a broker refuses an order that could trade with one's own, and shares a resting stop reserves are not there to be sold.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_no_opposite_resting(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'NO_OPPOSITE_RESTING', v.passed, (p_order).opposite_quantity, 0::numeric,
        case when v.passed then 'WITHIN' else 'OPPOSITE_ORDER' end
    )::govern.limit_findings
    from (
        select (not (p_order).rules ? 'NO_OPPOSITE_RESTING' or (p_order).opposite_quantity = 0) is true as passed
    ) as v
$$;
comment on function govern.limit_no_opposite_resting(govern.order_contexts) is
'Broker rule: no live order of the symbol against this one, other than the leg it waits for.';

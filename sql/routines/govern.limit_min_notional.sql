-- govern.limit_min_notional(order): an order is worth at least the broker's minimum, an exit to zero aside.
-- Why: dust costs more than it moves; a remainder must still be sellable (A17).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_min_notional(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'MIN_NOTIONAL', v.passed, (p_order).order_value, ((p_order).rules ->> 'MIN_NOTIONAL')::numeric,
        case when v.passed then 'WITHIN' else 'BELOW_MINIMUM' end
    )::govern.limit_findings
    from (
        select (
            not (p_order).rules ? 'MIN_NOTIONAL' or ((p_order).reduces and (p_order).quantity = (p_order).reducible
            or (p_order).order_value >= ((p_order).rules ->> 'MIN_NOTIONAL')::numeric and (p_order).order_value < 'Infinity')
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_min_notional(govern.order_contexts) is
'Broker rule: a minimum notional value, exits to zero aside.';

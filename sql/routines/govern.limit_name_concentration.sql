-- govern.limit_name_concentration(order): position, open orders and this order are at most so large a fraction of NAV in one
-- name.
-- Why: ruling A5, at the last close; the worst that any part of the orders filling can leave (ruling HELD): a buy is not netted
-- against a sell that may not fill. Sells toward zero always pass, and so does what does not raise it.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_name_concentration(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('name_concentration', true, null, null, 'REDUCES')::govern.limit_findings
        when (p_order).name_after <= (p_order).name_before and (p_order).name_before < 'Infinity' then
            row('name_concentration', true, null, null, 'NOT_RAISED')::govern.limit_findings
        else govern.limit_upper(
            (p_order).limits, 'name_concentration',
            case when (p_order).nav > 0 then (p_order).name_after / (p_order).nav end
        )
    end
$$;
comment on function govern.limit_name_concentration(govern.order_contexts) is
'Limit name_concentration: worst absolute holding of the name after this order, fraction of NAV (A5); reductions pass.';

-- govern.limit_order_value(order): quantity times the worse of last close, limit and stop price is at most so many USD.
-- What: a protective stop and an approved liquidation pass: they are as large as the position, never larger (B5, B8).
-- Why: one order can do only so much harm, whichever way it points.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_order_value(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).leg in ('stop', 'liquidation') and (p_order).reduces then
            row('order_value', true, (p_order).order_value, null, 'PROTECTS')::govern.limit_findings
        else govern.limit_upper((p_order).limits, 'order_value', (p_order).order_value)
    end
$$;
comment on function govern.limit_order_value(govern.order_contexts) is
'Limit order_value: USD of one order at the worse of last close, limit and stop price.';

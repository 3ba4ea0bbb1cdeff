-- govern.limit_order_value(order): quantity times the last close is at most so many USD.
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
    select govern.limit_upper((p_order).limits, 'order_value', (p_order).order_value)
$$;
comment on function govern.limit_order_value(govern.order_contexts) is 'Limit order_value: USD of one order at the last close.';

-- govern.limit_open_orders_per_symbol(order): so many live orders of a symbol at most, this one included.
-- Why: a loop that repeats itself stops here (I16).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_open_orders_per_symbol(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select govern.limit_upper((p_order).limits, 'open_orders_per_symbol', (p_order).symbol_orders)
$$;
comment on function govern.limit_open_orders_per_symbol(govern.order_contexts) is
'Limit open_orders_per_symbol: live orders of the symbol, this one included.';

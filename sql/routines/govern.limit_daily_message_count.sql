-- govern.limit_daily_message_count(order): so many orders of an account and session at most, this one included.
-- Why: a loop that repeats itself over many symbols stops here (I16).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_daily_message_count(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select govern.limit_upper((p_order).limits, 'daily_message_count', (p_order).day_orders)
$$;
comment on function govern.limit_daily_message_count(govern.order_contexts) is
'Limit daily_message_count: orders of the account and trade session, this one included.';

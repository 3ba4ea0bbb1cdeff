-- trade.unbooked_quantity(id, report): how many shares a broker says are filled and no execution of ours says so; never below 0.
-- Why: a report can be ahead of the executions of its reading; an order is not over before they are booked (I9).
-- Called by: trade.record_report, trade.record_reports. Raises: nothing.
create or replace function trade.unbooked_quantity(p_client_order_id text, p_report jsonb)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select greatest(coalesce((p_report ->> 'filled_quantity')::numeric, 0) - coalesce(sum(f.quantity), 0), 0)
    from trade.fills as f
    where f.client_order_id = p_client_order_id
$$;
comment on function trade.unbooked_quantity(text, jsonb) is
'Shares a broker reports as filled beyond the executions booked of an order.';

-- trade.report_fault(order, report): the break a report means before anything else is read from it; NULL where it is ours as sent.
-- What: DIFFERENT_ORDER where a field or the broker's id is another (I7), but for one that a person has ended, UNKNOWN_STATUS for a word that
-- is not in ref.broker_statuses (ruling F11), NOT_RELEASED for an order that by our books never left.
-- Called by: trade.record_report. Raises: nothing.
create or replace function trade.report_fault(p_order trade.orders, p_report jsonb)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when ((
            (p_order).symbol, (p_order).side, (p_order).quantity, (p_order).order_type, (p_order).time_in_force,
            (p_order).limit_price, (p_order).stop_price
        ) is distinct from (
            p_report ->> 'symbol', p_report ->> 'side', (p_report ->> 'quantity')::numeric, p_report ->> 'order_type',
            p_report ->> 'time_in_force', (p_report ->> 'limit_price')::numeric, (p_report ->> 'stop_price')::numeric
        ) or (p_order).broker_order_id <> p_report ->> 'broker_order_id') and not ((p_order).closed_at is not null and exists (
            select 1
            from trade.breaks as b
                join trade.break_resolutions as r on r.break_id = b.break_id
            where b.kind = 'DIFFERENT_ORDER' and b.subject = (p_order).client_order_id
        )) then 'DIFFERENT_ORDER'
        when not exists (
            select 1
            from ref.broker_statuses as s
                join trade.accounts as a on a.broker = s.broker
            where a.account = (p_order).account and s.kind = 'status' and s.name = p_report ->> 'status'
        ) then 'UNKNOWN_STATUS'
        when (p_order).post_attempt = 0 then 'NOT_RELEASED'
    end
$$;
comment on function trade.report_fault(trade.orders, jsonb) is
'The break a broker''s report of an order means; NULL where it is the order as sent.';

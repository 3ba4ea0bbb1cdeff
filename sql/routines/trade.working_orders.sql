-- trade.working_orders(account): what the broker has of ours and has not ended, with what the paper exchange needs to fill it.
-- Why: the paper exchange remembers nothing: the last session it filled and the first cancel it took are recorded here.
-- Called by: the broker worker. Raises: nothing.
create or replace function trade.working_orders(p_account text)
returns table (
    client_order_id text, broker_order_id text, symbol text, side text, quantity numeric, filled_quantity numeric,
    order_type text, time_in_force text, limit_price numeric, stop_price numeric, price_basis text, trade_session date,
    submitted_at timestamptz, opens_at timestamptz, closes_at timestamptz, filled_through date, cancel_accepted_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        o.client_order_id, o.broker_order_id, o.symbol, o.side, o.quantity, o.quantity - l.unfilled_quantity, o.order_type,
        o.time_in_force, o.limit_price, o.stop_price, o.price_basis, o.trade_session, o.submitted_at, s.opens_at, s.closes_at,
        (select max(f.session) from trade.fills as f where f.client_order_id = o.client_order_id),
        (
            select min(e.occurred_at)
            from trade.order_events as e
            where e.client_order_id = o.client_order_id and e.event = 'cancel answered' and e.detail ->> 'outcome' = 'ACCEPTED'
        )
    from trade.live_orders as l
        join trade.orders as o on o.client_order_id = l.client_order_id
        join ref.instruments as i on i.symbol = o.symbol
        join ref.sessions as s on s.calendar = i.calendar and s.session = o.trade_session
    where l.account = p_account and o.state in ('ACKNOWLEDGED', 'PARTIAL')
    order by o.client_order_id
$$;
comment on function trade.working_orders(text) is
'One row per order the broker has acknowledged and not ended, with its session''s opening and close, and what is '
'booked and cancelled of it.';

-- trade.claimed_orders(ids): what a worker is handed of the orders it has claimed, in the order given.
-- What: the body as it is sent, under which token and attempt, whether it is in doubt, and how long its session lasts; that is NULL
-- for a session the calendar does not know.
-- Why: a worker decides nothing: all it needs to send or look up an order is in the row (I4).
-- Called by: trade.claim_orders. Raises: nothing; no row for an unknown id.
create or replace function trade.claimed_orders(p_client_order_ids text[])
returns table (
    client_order_id text, symbol text, side text, quantity numeric, order_type text, time_in_force text, limit_price numeric,
    stop_price numeric, price_basis text, trade_session date, fencing_token bigint, post_attempt integer, in_doubt boolean,
    broker_order_id text, closes_in_seconds double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select o.client_order_id, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.limit_price, o.stop_price,
        o.price_basis, o.trade_session, o.fencing_token, o.post_attempt, o.in_doubt, o.broker_order_id,
        extract(epoch from s.closes_at - ops.now())::double precision
    from unnest(p_client_order_ids) with ordinality as c (client_order_id, n)
        join trade.orders as o on o.client_order_id = c.client_order_id
        join ref.instruments as i on i.symbol = o.symbol
        left join ref.sessions as s on s.calendar = i.calendar and s.session = o.trade_session
    order by c.n
$$;
comment on function trade.claimed_orders(text[]) is
'One row per order of the ids given, in their order: what a worker needs to send it or to look it up.';

-- trade.valued_positions(): every account's book now, at the last close known now, each position with its living stop.
-- What: trade.marked_positions up to now; of the stops against the position those known to be at the broker, added up, at the price
-- furthest from it, before one that waits to be sent.
-- Why: what a position is worth and what protects it are asked together; a mark answers only for its session.
-- Called by: audit.positions. Raises: nothing; what is not known is NULL.
create or replace function trade.valued_positions()
returns table (
    account text, symbol text, sector text, quantity numeric, average_price numeric, price numeric, price_session date,
    market_value numeric, weight numeric, unrealized_pnl numeric, realized_pnl numeric, stop_price numeric,
    stop_quantity numeric, stop_state text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        a.account, m.symbol, u.sector, m.quantity, p.average_price, m.price, m.price_session, m.quantity * m.price,
        m.quantity * m.price / nullif(n.nav, 0), m.quantity * (m.price - p.average_price), p.realized_pnl,
        s.stop_price, s.unfilled_quantity, s.state
    from trade.accounts as a
        cross join lateral trade.marked_positions(a.account, 'infinity') as m
        cross join lateral (select coalesce(m.price_session, ops.now()::date) as day) as d
        left join trade.positions as p on p.account = a.account and p.symbol = m.symbol
        left join lateral (
            select x.nav from trade.nav as x where x.account = a.account order by x.session desc limit 1
        ) as n on true
        left join lateral (
            -- Its spell at that close (A2); before its first one, that.
            select x.sector
            from ref.universe as x
            where x.symbol = m.symbol
            order by x.valid_from > d.day, abs(x.valid_from - d.day)
            limit 1
        ) as u on true
        left join lateral (
            select
                case when m.quantity > 0 then min(o.stop_price) else max(o.stop_price) end as stop_price,
                sum(l.unfilled_quantity) as unfilled_quantity, min(l.state) as state
            from trade.live_orders as l
                join trade.orders as o on o.client_order_id = l.client_order_id
            where l.account = a.account and l.symbol = m.symbol and l.leg = 'stop'
                and l.side = case when m.quantity > 0 then 'SELL' else 'BUY' end
            group by l.state in ('ACKNOWLEDGED', 'PARTIAL')
            order by l.state in ('ACKNOWLEDGED', 'PARTIAL') desc
            limit 1
        ) as s on true
$$;
comment on function trade.valued_positions() is
'One row per account and symbol held now, at the last close known now, with the protective stop that lives.';

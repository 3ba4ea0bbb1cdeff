-- trade.order_book(account, as_of_session, symbols): the book the limits look at, one line per symbol held, ordered or asked for.
-- What: positions, unfilled quantities of live orders by side (protective stops apart), and the last close known now of a session
-- up to the as-of session, with its session, divided by the splits since: shares are of today (D14); the sector of that session,
-- a broad index fund being one of its own, as the auction counts it (A2).
-- Why: one statement, one snapshot: a fill moves shares from "ordered" to "held" in one transaction, so they are counted once
-- (I16).
-- Called by: trade.place_orders, trade.claim_orders. Raises: nothing; a symbol without a price has price NULL, which refuses.
create or replace function trade.order_book(p_account text, p_as_of_session date, p_symbols text[])
returns govern.book_lines[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with clock as materialized (
        select ops.now() as instant, (ops.now() at time zone 'UTC')::date as today
    ),

    held as (
        select h.symbol, h.quantity from trade.held_quantities as h where h.account = p_account and h.quantity <> 0
    ),

    live as (
        select
            l.symbol,
            coalesce(sum(l.unfilled_quantity) filter (where l.side = 'BUY' and l.leg <> 'stop'), 0) as buys,
            coalesce(sum(l.unfilled_quantity) filter (where l.side = 'SELL' and l.leg <> 'stop'), 0) as sells,
            coalesce(sum(l.unfilled_quantity) filter (
                where l.side = 'BUY' and l.leg <> 'stop' and l.order_type = 'MARKET'
            ), 0) as market_buys,
            coalesce(sum(l.unfilled_quantity) filter (
                where l.side = 'SELL' and l.leg <> 'stop' and l.order_type = 'MARKET'
            ), 0) as market_sells,
            coalesce(sum(l.unfilled_quantity) filter (where l.leg = 'stop'), 0) as stops,
            count(*)::integer as order_count
        from trade.live_orders as l
        where l.account = p_account
        group by l.symbol
    ),

    symbols as (
        select h.symbol from held as h
        union select l.symbol from live as l
        union select s.symbol from unnest(p_symbols) as s (symbol)
    )

    select coalesce(array_agg(row(
        s.symbol, coalesce(h.quantity, 0), coalesce(l.buys, 0), coalesce(l.sells, 0), coalesce(l.market_buys, 0),
        coalesce(l.market_sells, 0), coalesce(l.stops, 0), coalesce(l.order_count, 0),
        case when x.factor is null then p.close::numeric else p.close::numeric / x.factor end, p.session,
        case when u.sector = 'Index' and i.asset_class = 'etf' then s.symbol else coalesce(u.sector, 'Unknown') end
    )::govern.book_lines order by s.symbol collate "C"), '{}')
    from symbols as s
        left join ref.instruments as i on i.symbol = s.symbol
        left join held as h on h.symbol = s.symbol
        left join live as l on l.symbol = s.symbol
        left join lateral (
            select b.close, b.session
            from market.price_history as b
            where b.symbol = s.symbol and b.session <= p_as_of_session and b.known_at <= (select c.instant from clock as c)
            order by b.session desc
            limit 1
        ) as p on true
        left join lateral (
            -- Most symbols have none: NULL.
            select trade.split_factor(s.symbol, p.session, c.today) as factor
            from clock as c
            where exists (
                select 1 from market.corporate_actions as a
                where a.symbol = s.symbol and a.kind = 'split' and a.ex_date > p.session and a.ex_date <= c.today
            )
        ) as x on true
        left join lateral (
            select v.sector
            from ref.universe as v
            where v.symbol = s.symbol and v.valid_from <= p_as_of_session
            order by v.valid_from desc
            limit 1
        ) as u on true
$$;
comment on function trade.order_book(text, date, text[]) is
'The book of an account: positions, unfilled orders, last close known now and sector, one line per symbol.';

-- trade.book_add(book, intent): the book with an order counted in; a negative quantity takes it out again.
-- Why: a basket is judged cumulatively (I16) without reading the tables again for each order.
-- Called by: trade.place_intent, trade.release_verdict. Raises: nothing; a symbol the book has no line of changes nothing.
create or replace function trade.book_add(p_book govern.book_lines[], p_intent govern.order_intents)
returns govern.book_lines[]
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(
        case when l.symbol = (p_intent).symbol then row(
            l.symbol,
            l.held,
            l.buys + case when v.buys then v.quantity else 0 end,
            l.sells + case when v.sells then v.quantity else 0 end,
            l.market_buys + case when v.buys and v.market then v.quantity else 0 end,
            l.market_sells + case when v.sells and v.market then v.quantity else 0 end,
            l.stops + case when v.stop then v.quantity else 0 end,
            l.order_count + sign(v.quantity)::integer,
            l.price,
            l.price_session,
            l.sector
        )::govern.book_lines else l end
        order by l.symbol collate "C"
    )
    from unnest(p_book) as l
        cross join (
            select
                (p_intent).quantity as quantity,
                (p_intent).leg = 'stop' as stop,
                (p_intent).side = 'BUY' and (p_intent).leg <> 'stop' as buys,
                (p_intent).side = 'SELL' and (p_intent).leg <> 'stop' as sells,
                (p_intent).order_type = 'MARKET' as market
        ) as v
$$;
comment on function trade.book_add(govern.book_lines[], govern.order_intents) is
'A book with one more order counted in, or out where its quantity is negative.';

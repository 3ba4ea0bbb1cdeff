-- trade.place_orders(cycle, run, intents): places a basket; every limit is checked again here, whatever the caller believes.
-- What: one row per intent, in the given order, PENDING or REJECTED with what refused it. Judged reductions first, then in the
-- given order, each counting positions, open and in-flight orders and what of the basket was accepted before it (I16, HELD).
-- Why: kill, layers, configuration, freshness and limits are checked in the transaction that writes the orders, the kill row held
-- for share (I12). The audit events are appended by decide.close_run, the last call of that transaction (I13); an order whose run
-- does not become DONE is never released.
-- Called by: the runner's commit, as fund_decider. Raises: MQ230, MQ244, MQ301, MQ303-MQ305, MQ326; a refusal is a row.
create or replace function trade.place_orders(p_cycle_id text, p_run integer, p_intents jsonb)
returns table (
    client_order_id text, symbol text, leg text, side text, quantity numeric, state text, refused_by text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_killed boolean;
    v_closed jsonb;
    v_basket govern.baskets;
    v_book govern.book_lines[];
    v_intents govern.order_intents[];
    v_intent govern.order_intents;
    v_placed record;
begin
    v_killed := ops.kill_engaged(true) is distinct from false;
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    v_basket := trade.open_basket(p_cycle_id, p_run);
    v_closed := govern.recheck_layers(p_cycle_id, p_run, 'place');
    v_intents := array(select i from trade.parse_intents(p_intents) as i);
    -- The stops that may have to make way, all at once and in the lock order.
    perform 1 from trade.orders as o
    where o.account = v_basket.account and o.leg = 'stop' and o.closed_at is null
        and o.symbol = any (array(select i.symbol from unnest(v_intents) as i))
    order by o.client_order_id
    for no key update;
    v_book := trade.order_book(v_basket.account, v_basket.as_of_session, array(select i.symbol from unnest(v_intents) as i));
    for v_intent in
        select i.symbol, i.leg, i.side, i.quantity, i.order_type, i.time_in_force, i.limit_price, i.stop_price, i.revision
        from unnest(v_intents) with ordinality as i (
            symbol, leg, side, quantity, order_type, time_in_force, limit_price, stop_price, revision, n
        )
            join unnest(v_book) as l on l.symbol = i.symbol
        order by case when i.side = 'SELL' and l.held > 0 or i.side = 'BUY' and l.held < 0 then 0 else 1 end, i.n
    loop
        v_placed := trade.place_intent(v_basket, v_book, v_intent, v_killed, v_closed);
        v_basket := v_placed.p_basket;
        v_book := v_placed.p_book;
    end loop;
    return query
        select o.client_order_id, o.symbol, o.leg, o.side, o.quantity, o.state, o.refused_by
        from unnest(v_intents) with ordinality as i (
            symbol, leg, side, quantity, order_type, time_in_force, limit_price, stop_price, revision, n
        )
            join trade.orders as o
                on o.client_order_id = trade.client_order_id(v_basket.account, p_cycle_id, i.symbol, i.leg, i.revision)
        order by i.n;
end;
$$;
comment on function trade.place_orders(text, integer, jsonb) is
'Places a basket of intents for an open run: one row per intent, PENDING or REJECTED with the limit that refused it. Raises MQ230, MQ244, MQ301, MQ303, MQ304, MQ305, MQ326.';

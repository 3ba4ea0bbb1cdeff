-- trade.place_stop(account, stop): a protective stop becomes an order of the cycle whose decision set its price, PENDING or
-- refused; its id.
-- Called by: trade.protect_positions, under its locks. Raises: nothing of its own.
create or replace function trade.place_stop(p_account text, p_stop trade.protective_stops)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select trade.place_alone(p_account, p_stop.cycle_id, p_stop.run, p_stop.trade_session, row(
        p_stop.symbol, 'stop', p_stop.side, p_stop.quantity, 'STOP', p_stop.time_in_force, null, p_stop.stop_price, null
    )::govern.order_intents)
$$;
comment on function trade.place_stop(text, trade.protective_stops) is
'Places the protective stop of a row of trade.stops_due, as a row either way; its id.';

-- trade.place_stop(account, stop): a protective stop becomes an order, PENDING or refused; its id.
-- What: an order of the cycle whose decision set its price, with the next revision: those before have their terminal fact, else
-- one would rest (I1). It is for the current session and placed under the pinned configuration.
-- Why: like any order it is a row with its evidence, checked by every limit that is not waived for a protective stop by name.
-- Called by: trade.protect_positions, under its locks. Raises: nothing of its own.
create or replace function trade.place_stop(p_account text, p_stop trade.protective_stops)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_basket govern.baskets := trade.basket(p_stop.cycle_id, p_stop.run);
    v_intent govern.order_intents;
    v_context govern.order_contexts;
    v_id text;
    v_refused jsonb;
    v_refused_by text;
begin
    v_basket.trade_session := p_stop.trade_session;
    v_basket.config_sha256 := coalesce(govern.pinned_config(), v_basket.config_sha256);
    v_intent := row(
        p_stop.symbol, 'stop', p_stop.side, p_stop.quantity, 'STOP', p_stop.time_in_force, null, p_stop.stop_price,
        (
            select coalesce(max(o.revision) + 1, 0) from trade.orders as o
            where o.account = p_account and o.cycle_id = p_stop.cycle_id and o.symbol = p_stop.symbol and o.leg = 'stop'
        )
    )::govern.order_intents;
    v_id := trade.client_order_id(p_account, p_stop.cycle_id, p_stop.symbol, 'stop', v_intent.revision);
    v_context := trade.order_context(
        v_basket, v_intent, trade.order_book(p_account, v_basket.as_of_session, array[p_stop.symbol]), false
    );
    select jsonb_agg(to_jsonb(f) - array['n', 'passed'] order by f.n), (array_agg(f.limit_name order by f.n))[1]
    into v_refused, v_refused_by
    from govern.evaluate_order_limits(v_context) with ordinality as f (limit_name, passed, observed, threshold, reason, n)
    where not f.passed;
    perform trade.insert_order(v_basket, v_intent, v_id, v_context, v_refused_by, v_refused);
    return v_id;
end;
$$;
comment on function trade.place_stop(text, trade.protective_stops) is
'Places the protective stop of a row of trade.stops_due, as a row either way; its id.';

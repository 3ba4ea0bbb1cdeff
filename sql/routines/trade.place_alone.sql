-- trade.place_alone(account, cycle, run, trade session, intent): an order outside a cycle's basket becomes a row, PENDING or
-- refused; its id.
-- What: an order of the cycle that decided on its symbol last, with the next revision: those before have their terminal fact, else
-- one would be live (I1). It is for the given session, counted in it (I16), and placed under the pinned configuration; a
-- resting stop makes way.
-- Why: like any order it is a row with its evidence, checked by every limit that is not waived for its leg by name.
-- Called by: trade.place_stop, trade.liquidate_positions, under their locks. Raises: nothing of its own.
create or replace function trade.place_alone(
    p_account text, p_cycle_id text, p_run integer, p_trade_session date, p_intent govern.order_intents
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_basket govern.baskets := trade.basket(p_cycle_id, p_run, p_trade_session);
    v_intent govern.order_intents := p_intent;
    v_context govern.order_contexts;
    v_id text;
    v_refused jsonb;
    v_refused_by text;
    v_waits_for text;
begin
    v_basket.config_sha256 := coalesce(govern.pinned_config(), v_basket.config_sha256);
    v_intent.revision := (
        select coalesce(max(o.revision) + 1, 0) from trade.orders as o
        where o.account = p_account and o.cycle_id = p_cycle_id and o.symbol = p_intent.symbol and o.leg = p_intent.leg
    );
    v_id := trade.client_order_id(p_account, p_cycle_id, v_intent.symbol, v_intent.leg, v_intent.revision);
    v_context := trade.order_context(
        v_basket, v_intent, trade.order_book(p_account, v_basket.as_of_session, array[v_intent.symbol]), false
    );
    select jsonb_agg(to_jsonb(f) - array['n', 'passed'] order by f.n), (array_agg(f.limit_name order by f.n))[1]
    into v_refused, v_refused_by
    from govern.evaluate_order_limits(v_context) with ordinality as f (limit_name, passed, observed, threshold, reason, n)
    where not f.passed;
    if v_refused_by is null then
        v_waits_for := trade.make_way(p_account, v_intent, v_id);
    end if;
    perform trade.insert_order(v_basket, v_intent, v_id, v_context, v_refused_by, v_refused, v_waits_for);
    return v_id;
end;
$$;
comment on function trade.place_alone(text, text, integer, date, govern.order_intents) is
'Places one order outside a cycle''s basket, as a row either way; its id.';

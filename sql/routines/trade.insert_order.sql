-- trade.insert_order(basket, intent, id, context, refused_by, refused, waits_for): the row and the first event of an order.
-- Why: an order's row and its event stand or fall together; a refusal keeps every check that failed as evidence.
-- Called by: trade.place_intent, trade.place_stop, trade.request_replace. Raises: MQ309 by the trigger.
create or replace function trade.insert_order(
    p_basket govern.baskets, p_intent govern.order_intents, p_client_order_id text, p_context govern.order_contexts,
    p_refused_by text, p_refused jsonb, p_waits_for text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    c_state constant text := case when p_refused_by is null then 'PENDING' else 'REJECTED' end;
begin
    insert into trade.orders (
        client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, order_type, time_in_force, limit_price,
        stop_price, reference_price, price_basis, trade_session, config_sha256, state, refused_by, unsent, placed_at,
        closed_at, waits_for, waits_for_filled
    )
    select
        p_client_order_id, p_basket.account, p_basket.cycle_id, p_basket.run, p_intent.symbol, p_intent.leg,
        p_intent.revision, p_intent.side, p_intent.quantity, p_intent.order_type, p_intent.time_in_force, p_intent.limit_price,
        p_intent.stop_price, p_context.price::double precision, i.price_basis, p_basket.trade_session, p_basket.config_sha256,
        c_state, p_refused_by, p_refused_by is not null, c_now, case when p_refused_by is not null then c_now end,
        p_waits_for, (select coalesce(sum(f.quantity), 0) from trade.fills as f where f.client_order_id = p_waits_for)
    from ref.instruments as i
    where i.symbol = p_intent.symbol;
    insert into trade.order_events (client_order_id, account, event, to_state, detail, occurred_at)
    values (
        p_client_order_id, p_basket.account, case when p_refused_by is null then 'placed' else 'refused' end, c_state,
        jsonb_strip_nulls(jsonb_build_object(
            'refused_by', p_refused_by, 'refused', p_refused, 'reference_price', p_context.price,
            'order_value', p_context.order_value, 'nav', p_context.nav,
            'waits_for', p_waits_for
        )),
        c_now
    );
end;
$$;
comment on function trade.insert_order(govern.baskets, govern.order_intents, text, govern.order_contexts, text, jsonb, text) is
'Inserts an order, PENDING or refused, with its first event and the leg it waits for.';

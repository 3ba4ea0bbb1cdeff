-- trade.place_order(cycle, run, intent): places one intent: the batch with one element.
-- Called by: fund_decider, by hand. Raises: as trade.place_orders.
create or replace function trade.place_order(p_cycle_id text, p_run integer, p_intent jsonb)
returns table (
    client_order_id text, symbol text, leg text, side text, quantity numeric, state text, refused_by text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.client_order_id, p.symbol, p.leg, p.side, p.quantity, p.state, p.refused_by
    from trade.place_orders(p_cycle_id, p_run, jsonb_build_array(p_intent)) as p
$$;
comment on function trade.place_order(text, integer, jsonb) is
'Places one intent for an open run; see trade.place_orders.';

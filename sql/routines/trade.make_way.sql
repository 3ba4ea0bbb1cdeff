-- trade.make_way(account, intent, id): what rests for the symbol makes way for a new order; the leg it has to wait for, or NULL.
-- What: a protective stop that never left is cancelled here, one at the broker gets a cancel request and is waited for; an
-- increase behind an exit of the same side (a flip) waits for the exit, which waits for the stop. A stop itself waits for
-- nothing.
-- Why: a resting stop reserves its shares and is an opposite order: cancel stop, trade, new stop, each after the terminal fact of
-- the one before.
-- Called by: trade.place_intent, which holds the stops of its symbols. Raises: nothing.
create or replace function trade.make_way(p_account text, p_intent govern.order_intents, p_client_order_id text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stop trade.orders;
    v_waits_for text;
begin
    if p_intent.leg = 'stop' then
        return null;
    end if;
    for v_stop in
        select o.* from trade.orders as o
        where o.account = p_account and o.symbol = p_intent.symbol and o.leg = 'stop' and o.closed_at is null
        order by o.client_order_id
    loop
        if v_stop.state = 'PENDING' then
            perform trade.move_order(v_stop.client_order_id, 'CANCELLED', 'cancelled',
                jsonb_build_object('reason', 'LATER_LEG', 'later', p_client_order_id));
        else
            perform trade.insert_request(v_stop, 'LATER_LEG');
        end if;
        v_waits_for := v_stop.client_order_id;
    end loop;
    if p_intent.leg in ('entry', 'hedge') then
        v_waits_for := coalesce((
            select o.client_order_id
            from trade.orders as o
            where o.account = p_account and o.symbol = p_intent.symbol and o.leg in ('exit', 'liquidation')
                and o.closed_at is null
            order by o.placed_at desc, o.client_order_id
            limit 1
        ), v_waits_for);
    end if;
    return v_waits_for;
end;
$$;
comment on function trade.make_way(text, govern.order_intents, text) is
'Cancels or requests the cancel of the stops of a new order''s symbol and names the leg it waits for.';

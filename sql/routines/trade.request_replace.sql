-- trade.request_replace(id, quantity, limit_price, stop_price, reason): a live order shall be another: its cancel is requested
-- and a new intent with the next revision waits for its terminal fact.
-- What: the new order's id, state and refusal; NULL keeps the old value. Refused, the old one stays as it is. It leaves only
-- where the old one filled nothing since (limit_earlier_leg); else it ends here. Asked again with the same body: the same row.
-- Why: a PATCH at a broker has an answer that can be lost and an id nobody derived; two orders in sequence have neither (I1).
-- Called by: fund_decider, fund_operator. Raises: MQ304, MQ312, MQ344 no live order, MQ345 another body, MQ346 no reason or no
-- change.
create or replace function trade.request_replace(
    p_client_order_id text, p_quantity numeric, p_limit_price numeric, p_stop_price numeric, p_reason text
)
returns table (client_order_id text, state text, refused_by text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_killed constant boolean := ops.kill_engaged(true) is distinct from false;
    v_old trade.orders;
    v_new govern.order_intents;
    v_taken_out govern.order_intents;
    v_id text;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    v_old := trade.lock_order(p_client_order_id);
    select i.* into v_new from trade.parse_intents(jsonb_build_array(jsonb_build_object(
        'symbol', v_old.symbol, 'leg', v_old.leg, 'side', v_old.side, 'quantity', coalesce(p_quantity, v_old.quantity),
        'order_type', v_old.order_type, 'time_in_force', v_old.time_in_force,
        'limit_price', coalesce(p_limit_price, v_old.limit_price), 'stop_price', coalesce(p_stop_price, v_old.stop_price),
        'revision', v_old.revision + 1
    ))) as i;
    v_id := trade.client_order_id(v_old.account, v_old.cycle_id, v_old.symbol, v_old.leg, v_new.revision);
    if coalesce(p_reason, '') = '' or (v_new.quantity, v_new.limit_price, v_new.stop_price)
        is not distinct from (v_old.quantity, v_old.limit_price, v_old.stop_price) then
        raise exception using errcode = 'MQ346', message = 'a replacement has a reason and changes something',
            detail = format('client_order_id=%s', p_client_order_id), hint = 'give another quantity or price, and say why';
    elsif exists (select 1 from trade.orders as o where o.client_order_id = v_id) then
        if (
            select (o.quantity, o.limit_price, o.stop_price)
                is distinct from (v_new.quantity, v_new.limit_price, v_new.stop_price)
            from trade.orders as o
            where o.client_order_id = v_id
        ) then
            raise exception using errcode = 'MQ345', message = 'the order was replaced by another one before',
                detail = format('client_order_id=%s replacement=%s', p_client_order_id, v_id), hint = 'replace the replacement';
        end if;
        return query select o.client_order_id, o.state, o.refused_by from trade.orders as o where o.client_order_id = v_id;
        return;
    elsif v_old.closed_at is not null then
        raise exception using errcode = 'MQ344', message = 'only a live order can be replaced',
            detail = format('client_order_id=%s state=%s', p_client_order_id, v_old.state), hint = 'place a new intent';
    end if;
    v_taken_out := v_new;
    v_taken_out.quantity := -(select l.unfilled_quantity from trade.live_orders as l where l.client_order_id = p_client_order_id);
    perform trade.place_replacement(
        v_old, v_new, v_taken_out, v_id, govern.state_refusal(v_old.account, v_old.leg, v_killed), p_reason
    );
    return query select o.client_order_id, o.state, o.refused_by from trade.orders as o where o.client_order_id = v_id;
end;
$$;
comment on function trade.request_replace(text, numeric, numeric, numeric, text) is
'Requests the cancel of a live order and places its replacement, which waits for its terminal fact. '
'Raises MQ304, MQ312, MQ344, MQ345, MQ346.';

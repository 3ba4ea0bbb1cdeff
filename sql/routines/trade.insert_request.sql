-- trade.insert_request(order, reason): the open cancel request of an order, made where there is none.
-- Called by: trade.request_cancel, trade.record_report, trade.cancel_entries, which hold the order. Raises: nothing.
create or replace function trade.insert_request(p_order trade.orders, p_reason text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request_id bigint;
begin
    select r.request_id into v_request_id
    from trade.order_requests as r
    where r.client_order_id = p_order.client_order_id and r.settled_at is null;
    if not found then
        insert into trade.order_requests (client_order_id, account, reason, requested_at)
        values (p_order.client_order_id, p_order.account, p_reason, ops.now())
        returning request_id into v_request_id;
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
        values (p_order.client_order_id, p_order.account, 'cancel requested', p_order.state, p_order.state,
            jsonb_build_object('request_id', v_request_id, 'reason', p_reason), ops.now());
    elsif p_reason <> 'LATER_LEG' then
        -- Wanted for itself by now: trade.claim_requests withdraws what only made way.
        update trade.order_requests as r set reason = p_reason where r.request_id = v_request_id and r.reason = 'LATER_LEG';
    end if;
    return v_request_id;
end;
$$;
comment on function trade.insert_request(trade.orders, text) is 'The open cancel request of an order, made where there is none.';

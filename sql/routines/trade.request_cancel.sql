-- trade.request_cancel(id, reason): an order shall end; one that never left ends here at once, one at the broker gets a request.
-- What: the request's id; the open one where there is one; NULL where the order has ended, or ended here and now (unsent).
-- Why: a cancel is allowed in every state, killed or halted too (B5); the order's end is what the broker's reports say.
-- Called by: fund_decider, fund_operator, fund_broker, trade.cancel_entries, trade.record_reports. Raises: MQ312, MQ342 no reason.
create or replace function trade.request_cancel(p_client_order_id text, p_reason text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_request_id bigint;
begin
    if coalesce(p_reason, '') = '' then
        raise exception using errcode = 'MQ342', message = 'a cancel has a reason',
            detail = format('client_order_id=%s', p_client_order_id), hint = 'select trade.request_cancel(id, ''why'')';
    end if;
    v_order := trade.lock_order(p_client_order_id);
    if v_order.state = 'PENDING' then
        perform trade.move_order(p_client_order_id, 'CANCELLED', 'cancelled', jsonb_build_object('reason', p_reason));
    elsif v_order.closed_at is null then
        v_request_id := trade.insert_request(v_order, p_reason);
    end if;
    if v_order.closed_at is null then
        perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, jsonb_build_object('cancel', p_reason))));
    end if;
    return v_request_id;
end;
$$;
comment on function trade.request_cancel(text, text) is
'Cancels an order that never left, or requests its cancel at the broker: the request''s id. Raises MQ312, MQ342.';

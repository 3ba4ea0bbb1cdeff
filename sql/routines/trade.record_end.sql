-- trade.record_end(id, state, reason, fencing_token, broker_at): the broker says an order is over without being filled.
-- What: CANCELLED, REJECTED or EXPIRED; the same end again changes nothing. While the order is a worker's (SUBMITTED) its token is
-- demanded: a rejection answers that worker's POST. Another end than the recorded one is an event beside it (I3).
-- Called by: the broker worker. Raises: MQ312, MQ313, MQ325 no such end, or an order that never left.
create or replace function trade.record_end(
    p_client_order_id text, p_state text, p_reason text, p_fencing_token bigint default null, p_broker_at timestamptz default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_detail constant jsonb := jsonb_build_object('reason', p_reason);
begin
    v_order := trade.lock_order(p_client_order_id);
    if (p_state in ('CANCELLED', 'REJECTED', 'EXPIRED') and p_reason <> '' and v_order.post_attempt > 0) is not true then
        raise exception using errcode = 'MQ325', message = 'the broker ends a released order as CANCELLED, REJECTED or EXPIRED, with a reason',
            detail = format('client_order_id=%s state=%s posts=%s', p_client_order_id, p_state, v_order.post_attempt),
            hint = 'an order that never left expires by trade.expire_orders';
    end if;
    if v_order.closed_at is not null then
        if v_order.state <> p_state then
            insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
            values (p_client_order_id, v_order.account, lower(p_state), v_order.state, v_order.state, v_detail, ops.now(), p_broker_at);
            perform audit.append(jsonb_build_array(trade.audit_event(
                p_client_order_id, v_detail || jsonb_build_object('late', p_state)
            )));
        end if;
        return v_order.state;
    end if;
    if v_order.state = 'SUBMITTED' then
        perform trade.lock_order(p_client_order_id, coalesce(p_fencing_token, -1));
    end if;
    perform trade.move_order(p_client_order_id, p_state, lower(p_state), v_detail, p_broker_at);
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, v_detail)));
    return p_state;
end;
$$;
comment on function trade.record_end(text, text, text, bigint, timestamptz) is
'Records how the broker ended an order, idempotently, and returns its state. Raises MQ312, MQ313, MQ325.';

-- trade.record_ack(id, fencing_token, broker_order_id, broker_at): the broker has the order.
-- What: SUBMITTED to ACKNOWLEDGED; where fills came first, only the broker's id is added. The same acknowledgement again changes
-- nothing. The token is checked while the order is a worker's (SUBMITTED).
-- Called by: the broker worker. Raises: MQ312, MQ313, MQ314 another broker id, or an order that was never released.
create or replace function trade.record_ack(
    p_client_order_id text, p_fencing_token bigint, p_broker_order_id text, p_broker_at timestamptz default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
begin
    v_order := trade.lock_order(p_client_order_id);
    -- A terminal row is never touched again: there the event remembers the id.
    if v_order.broker_order_id = p_broker_order_id or exists (
        select 1 from trade.order_events as e
        where e.client_order_id = p_client_order_id and e.event = 'acknowledged' and e.detail ->> 'broker_order_id' = p_broker_order_id
    ) then
        return v_order.state;
    end if;
    if v_order.broker_order_id is not null or v_order.post_attempt = 0 or coalesce(p_broker_order_id, '') = '' then
        raise exception using errcode = 'MQ314', message = 'this acknowledgement does not belong to what we sent',
            detail = format('client_order_id=%s stored=%s reported=%s posts=%s', p_client_order_id, v_order.broker_order_id,
                p_broker_order_id, v_order.post_attempt),
            hint = 'compare with the broker''s order before anything else is sent for it';
    end if;
    if v_order.state = 'SUBMITTED' then
        perform trade.lock_order(p_client_order_id, coalesce(p_fencing_token, -1));
        update trade.orders as o set broker_order_id = p_broker_order_id where o.client_order_id = p_client_order_id;
        perform trade.move_order(
            p_client_order_id, 'ACKNOWLEDGED', 'acknowledged', jsonb_build_object('broker_order_id', p_broker_order_id), p_broker_at
        );
    else
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
        values (p_client_order_id, v_order.account, 'acknowledged', v_order.state, v_order.state,
            jsonb_build_object('broker_order_id', p_broker_order_id), ops.now(), p_broker_at);
        update trade.orders as o set broker_order_id = p_broker_order_id
        where o.client_order_id = p_client_order_id and o.state = 'PARTIAL';
    end if;
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id)));
    return (select o.state from trade.orders as o where o.client_order_id = p_client_order_id);
end;
$$;
comment on function trade.record_ack(text, bigint, text, timestamptz) is
'Records that the broker has an order, idempotently, and returns its state. Raises MQ312, MQ313, MQ314.';

-- trade.record_late_report(order, state, broker_order_id, word, broker_at): what a broker says of an order that has ended here.
-- What: the same end, or that it is filled as booked, is no news. Alive there: its id as an event, a cancel request, a break. Another
-- end: an event beside the state, once (I3); whatever the end, it settles the order's open cancel request.
-- Why: an order that was given up in doubt may have arrived: it is watched until the broker's books say it is over (I6).
-- Called by: trade.record_report, which holds account and order. Raises: nothing of its own.
create or replace function trade.record_late_report(
    p_order trade.orders, p_state text, p_broker_order_id text, p_word jsonb, p_broker_at timestamptz
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_id constant text := p_order.client_order_id;
    v_alive constant boolean := p_state in ('ACKNOWLEDGED', 'PARTIAL');
    v_events jsonb := '[]';
    v_event jsonb;
begin
    if p_order.broker_order_id is null and not exists (
        select 1 from trade.order_events as e
        where e.client_order_id = c_id and e.event = 'acknowledged' and e.detail ->> 'broker_order_id' = p_broker_order_id
    ) then
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
        values (c_id, p_order.account, 'acknowledged', p_order.state, p_order.state, p_word, ops.now(), p_broker_at);
        v_events := v_events || trade.audit_event(c_id, p_word || '{"late": true}');
    end if;
    if v_alive and p_order.state <> 'FILLED' then
        perform trade.insert_request(p_order, 'LIVE_AFTER_END');
        v_event := trade.raise_break(p_order.account, 'LIVE_AFTER_END', p_order.symbol, c_id, p_word);
        return v_events || coalesce(v_event, '[]'::jsonb);
    end if;
    update trade.order_requests as r
    set settled_at = ops.now(), lease_owner = null, lease_until = null
    where r.client_order_id = c_id and r.settled_at is null and not v_alive;
    if p_state not in (p_order.state, 'FILLED') and not v_alive and not exists (
        select 1 from trade.order_events as e where e.client_order_id = c_id and e.event = lower(p_state)
    ) then
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
        values (c_id, p_order.account, lower(p_state), p_order.state, p_order.state, p_word, ops.now(), p_broker_at);
        v_events := v_events || trade.audit_event(c_id, p_word || '{"late": true}');
    end if;
    return v_events;
end;
$$;
comment on function trade.record_late_report(trade.orders, text, text, jsonb, timestamptz) is
'Records what a broker says of an order that has ended here, beside its state; one still alive there is cancelled and a break.';

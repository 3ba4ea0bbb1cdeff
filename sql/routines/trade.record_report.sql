-- trade.record_report(order, report): one report of one of our orders; the audit events of what it changed, [] for no news.
-- What: a break instead where it is not the order as sent; one that by our books never left is a break and is taken up: the books were
-- restored, and the broker is the truth (I8). Else the broker's id and acknowledgement, the highest filled quantity, and
-- the end where the broker's word is one. Filled is what executions say, and an end waits for the executions before it. An order that
-- lives at the broker though it ended here gets a cancel request and a break; a later end of the same order settles that request.
-- Called by: trade.record_reports, which holds account and order. Raises: nothing of its own.
create or replace function trade.record_report(p_order trade.orders, p_report jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_id constant text := p_order.client_order_id;
    c_fault constant text := trade.report_fault(p_order, p_report);
    c_broker_id constant text := p_report ->> 'broker_order_id';
    c_at constant timestamptz := (p_report ->> 'updated_at')::timestamptz;
    c_word constant jsonb := jsonb_strip_nulls(p_report - array['client_order_id', 'symbol', 'side', 'quantity', 'order_type',
        'time_in_force', 'limit_price', 'stop_price', 'updated_at']);
    v_state text;
    v_event jsonb;
    v_events jsonb := '[]';
    v_changed boolean := false;
begin
    if c_fault is not null then
        v_event := trade.raise_break(p_order.account, c_fault, p_order.symbol, c_id, jsonb_build_object(
            'ours', to_jsonb(p_order) - array['lease_owner', 'lease_until', 'recorded_at'], 'theirs', p_report
        ));
        v_events := case when v_event is null then '[]' else jsonb_build_array(v_event) end;
        if c_fault <> 'NOT_RELEASED' then
            return v_events;
        end if;
    end if;
    select s.state into v_state
    from ref.broker_statuses as s join trade.accounts as a on a.broker = s.broker
    where a.account = p_order.account and s.kind = 'status' and s.name = p_report ->> 'status';
    if p_order.closed_at is not null then
        return v_events || trade.record_late_report(p_order, v_state, c_broker_id, c_word, c_at);
    elsif p_order.state = 'PENDING' then
        perform trade.lease_order(p_order, 'a report of the broker', 1, '{"reason": "NOT_RELEASED"}');
    end if;
    if p_order.broker_order_id is null or p_order.broker_filled_quantity < (p_report ->> 'filled_quantity')::numeric then
        update trade.orders as o
        set broker_order_id = c_broker_id,
            broker_filled_quantity = (p_report ->> 'filled_quantity')::numeric
        where o.client_order_id = c_id;
    end if;
    if p_order.state in ('PENDING', 'SUBMITTED') then
        perform trade.move_order(c_id, 'ACKNOWLEDGED', 'acknowledged', c_word, c_at);
        v_changed := true;
    end if;
    if v_state in ('CANCELLED', 'REJECTED', 'EXPIRED') and trade.unbooked_quantity(c_id, p_report) = 0 then
        -- A partial fill cannot be refused any more: what is left of it is cancelled.
        perform trade.move_order(c_id,
            case when v_state = 'REJECTED' and p_order.state = 'PARTIAL' then 'CANCELLED' else v_state end, lower(v_state), c_word, c_at);
        v_changed := true;
    end if;
    return v_events || case when v_changed then jsonb_build_array(trade.audit_event(c_id, c_word)) else '[]'::jsonb end;
end;
$$;
comment on function trade.record_report(trade.orders, jsonb) is
'Records one report of one of our orders and returns the audit events of what it changed.';

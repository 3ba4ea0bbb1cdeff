-- trade.protect_positions(account): every position gets its protective stop; how many orders were placed or asked to end.
-- What: a position without a live order gets one stop for all of it; one that rests and is not what it should be (tightened,
-- another quantity, no position) is cancelled, and the new one follows its terminal fact. A position that cannot be protected is
-- an alert, once a session: no stop price, or a stop like this one was refused; CRITICAL under a kill. A resting stop is not
-- taken away while nothing may replace it: a kill file stops every POST (I14), a stop's too. But none is left beyond its position.
-- Why: a stop rests at the broker for every position before the next session (B8), in every state but HALT (B5).
-- Called by: the broker worker, each pass after it has booked. Raises: MQ240.
create or replace function trade.protect_positions(p_account text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_killed boolean;
    v_refusal text;
    v_stop trade.protective_stops;
    v_order trade.orders;
    v_fault text;
    v_events jsonb := '[]';
begin
    perform trade.require_account(p_account);
    if not exists (select 1 from trade.stops_due(p_account) as d where not d.fits and not d.busy) then
        return 0;
    end if;
    v_killed := ops.kill_engaged(true) is distinct from false;
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    perform 1 from trade.orders as o
    where o.account = p_account and o.leg = 'stop' and o.closed_at is null
    order by o.client_order_id
    for no key update;
    v_refusal := govern.state_refusal(p_account, 'stop', v_killed);
    for v_stop in select d.* from trade.stops_due(p_account) as d where not d.fits and not d.busy loop
        v_fault := v_refusal;
        if v_stop.resting is not null then
            v_order := trade.lock_order(v_stop.resting);
            continue when v_order.state <> 'PENDING' and (v_refusal is not null or trade.release_gate(p_account) is not null
                or v_order.side = v_stop.side and v_stop.quantity >= (
                    select l.unfilled_quantity from trade.live_orders as l where l.client_order_id = v_stop.resting
                ) and exists (select 1 from ops.kill_sources as k where k.source = 'file')
                or exists (
                    select 1 from trade.open_breaks as b
                    where b.account = p_account and b.symbol = v_stop.symbol and b.effect = 'QUARANTINE'
                )
                or exists (
                    select 1 from trade.order_requests as r
                    where r.client_order_id = v_stop.resting and r.settled_at is null
                ));
            if v_order.state = 'PENDING' then
                perform trade.move_order(v_stop.resting, 'CANCELLED', 'cancelled', '{"reason": "STOP_CHANGED"}');
            else
                perform trade.insert_request(v_order, 'STOP_CHANGED');
            end if;
            v_events := v_events || trade.audit_event(v_stop.resting, '{"cancel": "STOP_CHANGED"}');
            continue when v_order.state <> 'PENDING';
        end if;
        continue when v_stop.quantity is null;
        v_fault := coalesce(v_fault, trade.stop_fault(p_account, v_stop));
        if v_fault is null then
            v_order.client_order_id := trade.place_stop(p_account, v_stop);
            v_events := v_events || trade.audit_event(v_order.client_order_id);
            v_fault := (select o.refused_by from trade.orders as o where o.client_order_id = v_order.client_order_id);
        end if;
        if v_fault is not null and (v_killed or v_refusal is null) then
            perform trade.alert_unprotected(p_account, v_stop, v_fault, v_killed);
        end if;
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return jsonb_array_length(v_events);
end;
$$;
comment on function trade.protect_positions(text) is
'Places, renews and tightens the protective stop of every position of an account, and alerts where none can be. Raises MQ240.';

-- trade.cancel_entries(account): under a kill, every live order that opens or adds exposure shall end (B7); protective stops
-- stay.
-- What: what never left is cancelled here, exits included: a kill does not let them leave, and while they wait no stop is placed
-- for their position. What is at the broker gets a request. How many were asked for now; without a kill 0.
-- Called by: the broker worker, each pass. Raises: MQ240.
create or replace function trade.cancel_entries(p_account text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_events jsonb := '[]';
begin
    perform trade.require_account(p_account);
    if ops.kill_engaged(false) is not true then
        return 0;
    end if;
    for v_order in
        select o.* from trade.orders as o
        where o.account = p_account and o.closed_at is null
            and (o.leg in ('entry', 'hedge') or o.state = 'PENDING' and govern.state_refusal(p_account, o.leg, true) is not null)
            and not exists (
                select 1 from trade.order_requests as r where r.client_order_id = o.client_order_id and r.settled_at is null
            )
        order by o.client_order_id
        for no key update
    loop
        if v_order.state = 'PENDING' then
            perform trade.move_order(v_order.client_order_id, 'CANCELLED', 'cancelled', '{"reason": "KILL_SWITCH"}');
        else
            perform trade.insert_request(v_order, 'KILL_SWITCH');
        end if;
        v_events := v_events || trade.audit_event(v_order.client_order_id, '{"cancel": "KILL_SWITCH"}');
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return jsonb_array_length(v_events);
end;
$$;
comment on function trade.cancel_entries(text) is
'Under a kill, cancels or requests the cancel of every live entry and hedge, and of what never left and may not. Raises MQ240.';

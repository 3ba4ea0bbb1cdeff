-- trade.cancel_entries(account): under a kill, and while a liquidation is approved, every live order that opens or adds exposure
-- shall end (B7, B5); protective stops stay. So shall, once trading is resumed, what a run placed that began before (I15): a kill
-- that nobody saw between two passes cancels like any other, and the ramp begins from nothing.
-- What: what never left is cancelled here, exits included: the state does not let them leave, and while they wait no stop and no
-- liquidation is placed for their position. For that reason an exit or a liquidation that no state lets leave any more (a freeze,
-- an approval that is over) is cancelled without a kill too; open breaks aside, which a person resolves. What is at the broker gets
-- a request. How many were asked for now; else 0.
-- Called by: the broker worker, each pass. Raises: MQ240.
create or replace function trade.cancel_entries(p_account text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_killed constant boolean := ops.kill_engaged(false) is distinct from false;
    v_resumed_at constant timestamptz := (select max(r.recorded_at) from ops.resumptions as r);
    v_reason constant text := case
        when v_killed then 'KILL_SWITCH' when govern.account_state(p_account) = 'LIQUIDATE' then 'LIQUIDATE'
        when v_resumed_at is not null then 'RESUMED_SINCE'
    end;
    v_halted constant boolean := exists (
        select 1 from trade.open_breaks as b where b.account = p_account and b.effect = 'HALT'
    );
    v_order trade.orders;
    v_why text;
    v_events jsonb := '[]';
begin
    perform trade.require_account(p_account);
    for v_order in
        select o.*
        from trade.orders as o
            join decide.cycle_runs as c on c.cycle_id = o.cycle_id and c.run = o.run
        where o.account = p_account and o.closed_at is null
            and (
                v_reason is not null and (v_reason <> 'RESUMED_SINCE' or c.recorded_before < v_resumed_at)
                and (
                    o.leg in ('entry', 'hedge')
                    or o.state = 'PENDING'
                    and govern.state_refusal(p_account, o.leg, v_killed or (c.recorded_before < v_resumed_at) is true) is not null
                )
                or o.state = 'PENDING' and o.leg in ('exit', 'liquidation') and not v_halted
                and govern.state_refusal(p_account, o.leg, v_killed) is not null
            )
            and not exists (
                select 1 from trade.order_requests as r where r.client_order_id = o.client_order_id and r.settled_at is null
            )
        order by o.client_order_id
        for no key update of o
    loop
        -- An order of a run behind the resumption is here for its state alone.
        v_why := case
            when v_reason <> 'RESUMED_SINCE' or exists (
                select 1 from decide.cycle_runs as c
                where c.cycle_id = v_order.cycle_id and c.run = v_order.run and c.recorded_before < v_resumed_at
            ) then v_reason
            else coalesce(govern.state_refusal(p_account, v_order.leg, v_killed), 'STATE')
        end;
        if v_order.state = 'PENDING' then
            perform trade.move_order(v_order.client_order_id, 'CANCELLED', 'cancelled', jsonb_build_object('reason', v_why));
        else
            perform trade.insert_request(v_order, v_why);
        end if;
        v_events := v_events || trade.audit_event(v_order.client_order_id, jsonb_build_object('cancel', v_why));
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return jsonb_array_length(v_events);
end;
$$;
comment on function trade.cancel_entries(text) is
'Under a kill or an approved liquidation, and of runs from before a resumption, cancels or requests the cancel of every live '
'entry and hedge, and of what never left and may not; at any time an exit that no state lets leave. Raises MQ240.';

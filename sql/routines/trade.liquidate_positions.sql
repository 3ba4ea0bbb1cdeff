-- trade.liquidate_positions(account): every position gets the order that closes it, where a liquidation is approved (B5, B8); one
-- row per position: the order, or why there is none.
-- What: reduce-only legs `liquidation` at the market for the day, all of a position; its resting stop makes way. While another order
-- of the symbol lives the position waits (trade.cancel_entries ends what may not go on), and what did not fill by the end of the
-- session is placed again while the approval lasts. One that is refused, or that no run could have decided, is an alert.
-- Why: closing takes no exposure and needs no cycle: the figures a cycle needs may be what is missing. Nothing is placed where the
-- states in force do not let a liquidation through, and each position says so.
-- Called by: `python -m runner liquidate` as fund_operator, the broker worker each pass. Raises: MQ240.
create or replace function trade.liquidate_positions(p_account text)
returns table (symbol text, side text, quantity numeric, client_order_id text, fault text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_due record;
    v_refusal text;
    v_order trade.orders;
    v_events jsonb := '[]';
begin
    perform trade.require_account(p_account);
    -- Asked unlocked: a worker passes every few seconds, and mostly nothing is approved.
    if not govern.liquidation_approved(p_account) then
        return;
    end if;
    v_refusal := govern.state_refusal(p_account, 'liquidation', ops.kill_engaged(true) is distinct from false);
    if v_refusal is not null then
        return query select d.symbol, d.side, d.quantity, null::text, v_refusal from trade.liquidations_due(p_account) as d;
        return;
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    perform 1 from trade.orders as o
    where o.account = p_account and o.leg = 'stop' and o.closed_at is null
    order by o.client_order_id
    for no key update;
    for v_due in select d.* from trade.liquidations_due(p_account) as d loop
        symbol := v_due.symbol;
        side := v_due.side;
        quantity := v_due.quantity;
        fault := v_due.fault;
        client_order_id := null;
        if fault is null then
            client_order_id := trade.place_alone(p_account, v_due.cycle_id, v_due.run, v_due.trade_session, row(
                v_due.symbol, 'liquidation', v_due.side, v_due.quantity, 'MARKET', 'DAY', null, null, null
            )::govern.order_intents);
            select o.* into v_order from trade.orders as o where o.client_order_id = liquidate_positions.client_order_id;
            fault := v_order.refused_by;
            v_events := v_events || trade.audit_event(v_order.client_order_id);
            if v_order.waits_for is not null then
                v_events := v_events || trade.audit_event(v_order.waits_for, '{"cancel": "LATER_LEG"}');
            end if;
        end if;
        if fault <> 'BUSY' then
            perform notify.enqueue(
                'HIGH', 'RISK', 'NOT_LIQUIDATED', format('%s of %s is not closed: %s', symbol, p_account, fault), symbol, p_account,
                jsonb_build_object('fault', fault, 'quantity', quantity, 'side', side)
            );
        end if;
        return next;
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
end;
$$;
comment on function trade.liquidate_positions(text) is
'Places the order that closes it for every position of an account whose liquidation is approved; a row per position. Raises MQ240.';

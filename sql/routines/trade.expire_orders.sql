-- trade.expire_orders(account): ends the pending orders whose trade session is over, unsent.
-- Why: a restart never sends yesterday's order (I10). A session the calendar does not know is over, too: nothing can come of it.
-- Called by: the broker worker, before it claims; also while a kill is engaged. Raises: MQ240.
create or replace function trade.expire_orders(p_account text)
returns table (client_order_id text, symbol text, trade_session date)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_order record;
    v_events jsonb := '[]';
begin
    perform trade.require_account(p_account);
    for v_order in
        select o.client_order_id, o.symbol, o.trade_session
        from trade.orders as o
            join ref.instruments as i on i.symbol = o.symbol
            left join ref.sessions as s on s.calendar = i.calendar and s.session = o.trade_session
        where o.account = p_account and o.state = 'PENDING' and coalesce(s.closes_at, '-infinity') <= c_now
        order by o.client_order_id
        for no key update of o
    loop
        perform trade.move_order(v_order.client_order_id, 'EXPIRED', 'expired', jsonb_build_object('reason', 'SESSION_OVER'));
        v_events := v_events || trade.audit_event(v_order.client_order_id, jsonb_build_object('reason', 'SESSION_OVER'));
        client_order_id := v_order.client_order_id;
        symbol := v_order.symbol;
        trade_session := v_order.trade_session;
        return next;
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
end;
$$;
comment on function trade.expire_orders(text) is
'Expires, unsent, the pending orders whose trade session is over, and returns them (I10). Raises MQ240.';

-- trade.record_reports(account, reports): what a broker's order list says of our orders.
-- What: how many of our orders were reported, how many reports changed something, how many are of orders nobody placed here
-- (trade.record_orphans takes those first), how many of live orders say more was filled than is booked, and the orders that ended by
-- this: an array of client_order_id, symbol, state, reason. Each is compared field by field with what was sent (I7) before it means anything.
-- Why: the broker is the truth for orders (I8); the same report again changes nothing. Reports come before the executions of the same
-- reading, which are found by the broker's id of an order, and again after them, for the ends that waited.
-- Called by: the broker worker, also for one order it looked up. Raises: MQ240, MQ361.
create or replace function trade.record_reports(p_account text, p_reports jsonb)
returns table (reported integer, news integer, unknown integer, unbooked integer, ended jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_report record;
    v_order trade.orders;
    v_events jsonb := '[]';
    v_found jsonb;
begin
    perform trade.require_account(p_account);
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    reported := 0;
    news := 0;
    unknown := 0;
    unbooked := 0;
    ended := '[]';
    for v_report in
        select r.* from trade.parse_reports(p_reports) as r order by r.client_order_id collate "C", r.updated_at
    loop
        select o.* into v_order
        from trade.orders as o
        where o.client_order_id = v_report.client_order_id and o.account = p_account
        for no key update;
        if not found then
            unknown := unknown + 1;
            continue;
        end if;
        reported := reported + 1;
        v_found := trade.record_report(v_order, to_jsonb(v_report));
        if v_found <> '[]' then
            news := news + 1;
            v_events := v_events || v_found;
        end if;
        unbooked := unbooked + (
            v_order.closed_at is null and trade.unbooked_quantity(v_order.client_order_id, to_jsonb(v_report)) > 0
        )::integer;
        ended := ended || (
            select coalesce(jsonb_agg(jsonb_build_object('client_order_id', o.client_order_id, 'symbol', o.symbol, 'state', o.state,
                'reason', coalesce(v_report.reason, v_report.status))), '[]')
            from trade.orders as o
            where o.client_order_id = v_order.client_order_id and o.closed_at is not null and v_order.closed_at is null
        );
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return next;
end;
$$;
comment on function trade.record_reports(text, jsonb) is
'Records a broker''s reports of our orders: how many were ours, changed something, are nobody''s, miss executions; which ended. Raises MQ240, MQ361.';

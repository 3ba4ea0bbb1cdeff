-- trade.record_reports(account, reports): what a broker's order list says of our orders.
-- What: how many of our orders were reported, how many reports changed something, and how many are of orders nobody placed here
-- (trade.record_orphans takes those first). Each is compared field by field with what was sent (I7) before it means anything.
-- Why: the broker is the truth for orders (I8); the same report again changes nothing; executions are booked before, by their ids.
-- Called by: the broker worker, also for one order it looked up. Raises: MQ240, MQ361.
create or replace function trade.record_reports(p_account text, p_reports jsonb)
returns table (reported integer, news integer, unknown integer)
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
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return next;
end;
$$;
comment on function trade.record_reports(text, jsonb) is
'Records a broker''s reports of our orders: how many were ours, changed something, are nobody''s. Raises MQ240, MQ361.';

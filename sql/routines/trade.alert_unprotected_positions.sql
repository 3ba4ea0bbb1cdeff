-- trade.alert_unprotected_positions(account): under a kill, each position whose protective stop is not at the broker is an alert; how
-- many there are.
-- What: a stop that is missing or still waits here, or covers less than the position. Told with what keeps it: the kill file, which
-- stops every POST, the account's gate, another order of the symbol, or NOT_SENT.
-- Why: a kill keeps the stops and flattens nothing, so what has none stands open for as long as the kill lasts (B8). What a pass
-- placed it has also sent by its end, unless something keeps it.
-- Called by: the broker worker, at the end of each pass. Raises: MQ240.
create or replace function trade.alert_unprotected_positions(p_account text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found trade.protective_stops[];
    v_fault text;
begin
    perform trade.require_account(p_account);
    if not ops.kill_engaged(false) then
        return 0;
    end if;
    v_found := array(
        select d
        from trade.stops_due(p_account) as d
            left join trade.live_orders as l on l.client_order_id = d.resting
        where d.quantity is not null
            and (l.state <> 'PENDING' and l.side = d.side and l.unfilled_quantity >= d.quantity) is not true
        order by d.symbol collate "C"
    );
    v_fault := coalesce(
        case when exists (select 1 from ops.kill_sources as k where k.source = 'file') then 'KILL_FILE' end,
        trade.release_gate(p_account)
    );
    for i in 1 .. cardinality(v_found) loop
        perform trade.alert_unprotected(
            p_account, v_found[i], coalesce(v_fault, case when v_found[i].busy then 'OTHER_ORDER' else 'NOT_SENT' end), true
        );
    end loop;
    return cardinality(v_found);
end;
$$;
comment on function trade.alert_unprotected_positions(text) is
'Under a kill, queues the alert of every position whose protective stop is not at the broker, once a session; how many there are. '
'Raises MQ240.';

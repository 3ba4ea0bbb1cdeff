-- trade.alert_unprotected_positions(account): each position whose protective stop is not at the broker and is kept from it is an
-- alert, CRITICAL under a kill, else HIGH; how many there are.
-- What: a stop that is missing or still waits here, or covers less than the position. Told with what keeps it: the kill file, that
-- stops every POST, the account's gate, an open break of the symbol; under a kill also another order of the symbol, or NOT_SENT.
-- Why: a kill keeps the stops and flattens nothing, and a closed gate lets nothing out: what has no stop stands open for as long as
-- they last (B8). What a pass placed it has also sent by its end, unless something keeps it.
-- Called by: the broker worker, at the end of each pass. Raises: MQ240.
create or replace function trade.alert_unprotected_positions(p_account text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_killed constant boolean := ops.kill_engaged(false) is distinct from false;
    v_gate constant text := trade.release_gate(p_account);
    v_kept constant text[] := array(
        select b.symbol from trade.open_breaks as b where b.account = p_account and b.effect = 'QUARANTINE'
    );
    v_found trade.protective_stops[];
    v_fault text;
begin
    if not v_killed and v_gate is null and v_kept = '{}' then
        return 0;
    end if;
    v_found := array(
        select d
        from trade.stops_due(p_account) as d
            left join trade.live_orders as l on l.client_order_id = d.resting
        where d.quantity is not null and (v_killed or v_gate is not null or d.symbol = any (v_kept))
            and (l.state <> 'PENDING' and l.side = d.side and l.unfilled_quantity >= d.quantity) is not true
        order by d.symbol collate "C"
    );
    v_fault := coalesce(
        case when exists (select 1 from ops.kill_sources as k where k.source = 'file') then 'KILL_FILE' end, v_gate
    );
    for i in 1 .. cardinality(v_found) loop
        perform trade.alert_unprotected(
            p_account, v_found[i], coalesce(v_fault, case
                when v_found[i].symbol = any (v_kept) then 'BREAK_OPEN' when v_found[i].busy then 'OTHER_ORDER' else 'NOT_SENT'
            end), v_killed
        );
    end loop;
    return cardinality(v_found);
end;
$$;
comment on function trade.alert_unprotected_positions(text) is
'Queues the alert of every position whose protective stop is kept from the broker, once a session; how many. Raises MQ240.';

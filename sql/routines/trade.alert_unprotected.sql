-- trade.alert_unprotected(account, stop, fault, killed): a position without a protective stop is an alert, once a session and
-- level.
-- Why: a worker passes every few seconds; CRITICAL alerts are never deduplicated by the outbox (F16), so a standing one is looked
-- for.
-- Called by: trade.protect_positions, under its locks, trade.alert_unprotected_positions. Raises: nothing.
create or replace function trade.alert_unprotected(p_account text, p_stop trade.protective_stops, p_fault text, p_killed boolean)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_level constant text := case when p_killed then 'CRITICAL' else 'HIGH' end;
    v_session constant text := coalesce(p_stop.trade_session::text, 'none');
begin
    if not exists (
        select 1 from notify.alerts as a
        where a.code = 'NO_PROTECTIVE_STOP' and a.account = p_account and a.symbol = p_stop.symbol and a.level = c_level
            and a.detail ->> 'trade_session' = v_session
    ) then
        perform notify.enqueue(
            c_level, 'RISK', 'NO_PROTECTIVE_STOP',
            format('%s of %s has no protective stop: %s', p_stop.symbol, p_account, p_fault), p_stop.symbol, p_account,
            jsonb_build_object('fault', p_fault, 'trade_session', v_session, 'quantity', p_stop.quantity, 'side', p_stop.side,
                'stop_price', p_stop.stop_price),
            0
        );
    end if;
end;
$$;
comment on function trade.alert_unprotected(text, trade.protective_stops, text, boolean) is
'Queues the alert of a position without a protective stop, once per session and level.';

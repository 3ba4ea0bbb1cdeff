-- notify.unsent_alerts(): the alerts somebody has to act on that no channel has taken within ten minutes.
-- What: HIGH and CRITICAL of the last seven days, but for those below a sender's threshold; by the wall clock: whoever sends them
--      lives by it, on a simulated database too.
-- Why: a sender that does not run, or has nowhere to send to, cannot say so (I26).
-- Called by: ops.status, doctor. Raises: nothing.
create or replace function notify.unsent_alerts()
returns table (alerts bigint, since timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*), min(a.recorded_at)
    from notify.alerts as a
    where
        notify.severity(a.level) >= notify.severity('HIGH')
        and a.recorded_at between clock_timestamp() - interval '7 days' and clock_timestamp() - interval '10 minutes'
        and not exists (
            select 1 from notify.deliveries as d
            where d.alert_id = a.alert_id and (d.state = 'SENT' or d.skip_reason = 'BELOW_LEVEL')
        )
$$;
comment on function notify.unsent_alerts() is
'How many alerts of level HIGH or above, of the last seven days and older than ten minutes, were sent nowhere, and the wall '
'instant of the oldest.';

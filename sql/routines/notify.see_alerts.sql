-- notify.see_alerts(channel, level_min): gives every alert nobody has seen for a channel its row there; how many there were.
-- Why: nothing is left out in silence (I26): less severe than the threshold is BELOW_LEVEL, whatever the threshold becomes
--      later; what was raised more than a day before the channel was first used is BEFORE_CHANNEL, or a year of them would arrive
--      at once. By absence among the last ten thousand, not by a highest number: a number is given before it is committed.
-- Called by: notify.claim_deliveries. Raises: nothing.
create or replace function notify.see_alerts(p_channel text, p_level_min text)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with begun as (
        select max(d.alert_id) as newest from notify.deliveries as d where d.channel = p_channel
    ),

    seen as (
        select
            a.alert_id,
            case
                when notify.severity(a.level) < notify.severity(p_level_min) then 'BELOW_LEVEL'
                when b.newest is null and a.recorded_at < clock_timestamp() - interval '1 day' then 'BEFORE_CHANNEL'
            end as skip_reason
        from notify.alerts as a
            cross join begun as b
        where a.alert_id > coalesce(b.newest, 10000) - 10000
            and not exists (select 1 from notify.deliveries as d where d.alert_id = a.alert_id and d.channel = p_channel)
    ),

    added as (
        insert into notify.deliveries (alert_id, channel, state, skip_reason, next_attempt_at, settled_at)
        select
            s.alert_id, p_channel, case when s.skip_reason is null then 'WAITING' else 'SKIPPED' end, s.skip_reason,
            clock_timestamp(), case when s.skip_reason is not null then clock_timestamp() end
        from seen as s
        on conflict (alert_id, channel) do nothing
        returning alert_id
    )

    select count(*) from added
$$;
comment on function notify.see_alerts(text, text) is
'Opens a delivery on a channel for every alert that has none there: WAITING, or SKIPPED with the reason; returns how many.';

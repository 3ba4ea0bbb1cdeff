-- notify.channel_states(): how each channel that was ever used stands.
-- Called by: ops.status, `notify --once`. Raises: nothing.
create or replace function notify.channel_states()
returns table (
    channel text, sent bigint, skipped bigint, waiting bigint, waiting_since timestamptz, last_sent_at timestamptz,
    last_error text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        d.channel,
        count(*) filter (where d.state = 'SENT'),
        count(*) filter (where d.state = 'SKIPPED'),
        count(*) filter (where d.settled_at is null),
        min(d.recorded_at) filter (where d.settled_at is null),
        max(d.settled_at) filter (where d.state = 'SENT'),
        (array_agg(d.last_error order by d.attempts desc, d.alert_id desc) filter (
            where d.settled_at is null and d.last_error is not null
        ))[1]
    from notify.deliveries as d
    group by d.channel
$$;
comment on function notify.channel_states() is
'One row per channel alerts are sent through: how many went, were left out or wait and since when (wall instants), and the last '
'error.';

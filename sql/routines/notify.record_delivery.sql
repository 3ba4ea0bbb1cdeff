-- notify.record_delivery(channel, claims, error): what became of a message; how many of its alerts were still the sender's.
-- What: claims: [{"alert_id", "attempt"}], as claimed. Without an error they are SENT. With one they wait: 10 s, doubled with
--      each attempt, at most 15 minutes, a CRITICAL one at most a minute. From the third failure on the channel itself is an
--      alert (CHANNEL_FAILING_…), for the other channels and for `status`.
-- Why: a claim another sender has taken over is that one's to record. A failing channel never makes an alert vanish: it is tried
--      until it is taken.
-- Called by: the alert sender. Raises: MQ204.
create or replace function notify.record_delivery(p_channel text, p_claims jsonb, p_error text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_recorded bigint;
    v_attempts integer;
begin
    perform ops.refuse_unknown_keys(p_claims, array['alert_id', 'attempt']);
    with settled as (
        update notify.deliveries as d
        set state = case when p_error is null then 'SENT' else 'WAITING' end,
            settled_at = case when p_error is null then clock_timestamp() end,
            last_error = coalesce(left(p_error, 500), d.last_error),
            next_attempt_at = clock_timestamp() + make_interval(
                secs => least(case a.level when 'CRITICAL' then 60 else 900 end, 10 * 2.0 ^ least(d.attempts - 1, 10))
            ),
            claimed_by = null, lease_until = null
        from jsonb_to_recordset(p_claims) as c (alert_id bigint, attempt integer), notify.alerts as a
        where
            d.alert_id = c.alert_id and d.attempts = c.attempt and d.channel = p_channel and d.state = 'CLAIMED'
            and a.alert_id = d.alert_id
        returning d.attempts
    )

    select count(*), max(s.attempts) into v_recorded, v_attempts from settled as s;
    if p_error is not null and v_attempts >= 3 then
        perform notify.enqueue(
            'HIGH', 'SYSTEM', 'CHANNEL_FAILING_' || upper(p_channel),
            format('alerts cannot be sent through %s: %s', p_channel, left(p_error, 200)),
            p_detail => jsonb_build_object('channel', p_channel, 'attempts', v_attempts), p_window_seconds => 21600
        );
    end if;
    return v_recorded;
end;
$$;
comment on function notify.record_delivery(text, jsonb, text) is
'Records that a message was taken (error NULL) or not, and when it is tried again; returns how many claims were still held. '
'Raises MQ204.';

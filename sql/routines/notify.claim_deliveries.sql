-- notify.claim_deliveries(channel, level_min, sender, lease_seconds, limit_count): what to send through a channel, gravest first.
-- What: the channel sees the alerts new to it (notify.see_alerts); of those that wait for no later attempt it hands out the
--      first, and those of a sender whose lease is over. attempt is the token notify.record_delivery asks for.
-- Why: an alert is sent at least once: a sender that dies between its message and the record leaves a lease, and another sends
--      again, with the same number. A lease or a wait longer than there may be is one of before the wall clock was set back, and
--      over. Nobody is waited for (skip locked), and nothing is held while a message is under way.
-- Called by: the alert sender. Raises: MQ324.
create or replace function notify.claim_deliveries(
    p_channel text, p_level_min text, p_sender text, p_lease_seconds integer, p_limit_count integer
)
returns table (
    alert_id bigint, attempt integer, level text, code text, symbol text, account text, message text,
    repeats integer, raised_at timestamptz, last_raised_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_wait_max constant interval := interval '1 hour';
begin
    if (p_channel ~ '^[a-z][a-z0-9_]{0,30}$' and notify.severity(p_level_min) > 0 and p_sender <> ''
        and p_lease_seconds between 1 and 3600 and p_limit_count > 0) is not true then
        raise exception using errcode = 'MQ324',
            message = 'a claim names a channel, a level, a sender, a lease of 1 to 3600 s and a count',
            detail = format('channel=%s level_min=%s sender=%s lease_seconds=%s limit_count=%s', p_channel, p_level_min, p_sender,
                p_lease_seconds, p_limit_count),
            hint = 'correct the caller';
    end if;
    perform notify.see_alerts(p_channel, p_level_min);
    return query
        with due as (
            select d.alert_id
            from notify.deliveries as d
                join notify.alerts as a on a.alert_id = d.alert_id
            where d.channel = p_channel and d.settled_at is null
                and (
                    coalesce(d.lease_until, d.next_attempt_at) <= clock_timestamp()
                    or coalesce(d.lease_until, d.next_attempt_at) > clock_timestamp() + c_wait_max
                )
            order by notify.severity(a.level) desc, d.alert_id
            limit p_limit_count
            for no key update of d skip locked
        ),

        claimed as (
            update notify.deliveries as d
            set state = 'CLAIMED', attempts = d.attempts + 1, claimed_by = p_sender,
                lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
            from due as u
            where d.alert_id = u.alert_id and d.channel = p_channel
            returning d.alert_id, d.attempts
        )

        select c.alert_id, c.attempts, a.level, a.code, a.symbol, a.account, a.message, a.repeats, a.raised_at, a.last_raised_at
        from claimed as c
            join notify.alerts as a on a.alert_id = c.alert_id
        order by notify.severity(a.level) desc, c.alert_id;
end;
$$;
comment on function notify.claim_deliveries(text, text, text, integer, integer) is
'Leases the alerts that are due on a channel to a sender, gravest first, oldest first among equals. Raises MQ324.';

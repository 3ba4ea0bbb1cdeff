-- notify.enqueue(…): puts an alert into the outbox, or counts it when the same one was raised within the window (ruling F16).
-- Why: key = category + symbol + code, of one account: what befell another is another alert; CRITICAL is never deduplicated.
-- What got worse is news: one of a lower level, which MONITOR_NOTIFY_LEVEL may have kept from everybody, takes no other in.
-- What a person did is told each time, by a window of 0: another change, limit, person or source is another deed.
-- The window runs from the alert that was heard, so a lasting fault is heard again. An alert waits for nobody and nobody for it
-- (I13): a row another session is counting is left alone, and two sessions that raise the same alert at the same instant may
-- both be heard.
-- Called by: routines and the runner. Returns the alert's id. Raises: check violations for unknown levels and categories.
create or replace function notify.enqueue(
    p_level text, p_category text, p_code text, p_message text, p_symbol text default null, p_account text default null,
    p_detail jsonb default '{}'::jsonb, p_window_seconds integer default 600
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := ops.now();
    v_key constant text := concat_ws('|', p_category, coalesce(p_symbol, ''), p_code);
    v_alert_id bigint;
begin
    if p_level <> 'CRITICAL' then
        select a.alert_id into v_alert_id
        from notify.alerts as a
        where
            a.dedup_key = v_key
            and a.account is not distinct from p_account
            and notify.severity(a.level) >= notify.severity(p_level)
            and a.raised_at > v_now - make_interval(secs => p_window_seconds)
            and a.raised_at <= v_now
        order by a.alert_id desc
        limit 1;
        if found then
            update notify.alerts as a
            set repeats = a.repeats + 1, last_raised_at = v_now
            where a.alert_id = (
                select b.alert_id from notify.alerts as b where b.alert_id = v_alert_id for no key update skip locked
            );
            return v_alert_id;
        end if;
    end if;
    insert into notify.alerts (
        level, category, code, symbol, account, message, detail, dedup_key, raised_at, last_raised_at, raised_by
    ) values (
        p_level, p_category, p_code, p_symbol, p_account, p_message, coalesce(p_detail, '{}'::jsonb), v_key, v_now, v_now,
        session_user
    )
    returning alert_id into v_alert_id;
    return v_alert_id;
end;
$$;
comment on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) is
'Queues an alert, or counts it on one as grave raised within the window (never for CRITICAL); returns the alert''s id.';

-- ops.engage_kill_switch(reason, source, host): engages one kill source; any source at all stops trading (I14), until
-- ops.resume (I15).
-- Why: every process role may engage; it takes the kill row for update, so no placing or release that has not committed yet can
-- pass it (I12). Engaging an engaged source stops nothing more, but it is another person's word, or another loss: told as an
-- event with its alert and audit row, from which the cooldown counts; the same words of the same login again are not.
-- Called by: every role, the runner, `select ops.engage_kill_switch('reason')`. Returns true where it was not engaged before.
-- Raises: MQ220, MQ221.
create or replace function ops.engage_kill_switch(p_reason text, p_source text default 'row', p_host text default '')
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := ops.now();
    v_host constant text := coalesce(p_host, '');
    v_new boolean;
begin
    if coalesce(p_reason, '') = ''
        or p_source is null or p_source not in ('row', 'file', 'loss', 'cvar', 'audit', 'orphan')
        or (p_source = 'file') <> (v_host <> '') then
        raise exception using errcode = 'MQ221',
            message = 'a kill names its reason and a known source; the source file names its host, no other does',
            detail = format('source=%s host=%s reason=%s', p_source, v_host, p_reason),
            hint = 'select ops.engage_kill_switch(''why'')';
    end if;
    perform ops.seize_kill_lock();
    insert into ops.kill_sources (source, host, reason, engaged_by, engaged_at)
    values (p_source, v_host, p_reason, session_user, v_now)
    on conflict (source, host) do nothing;
    v_new := found;
    if not v_new and exists (
        select 1 from ops.engagements(p_source, v_host) as e where e.reason = p_reason and e.actor = session_user
    ) then
        return false;
    end if;
    insert into ops.kill_events (source, host, action, reason, actor, occurred_at)
    values (p_source, v_host, 'engage', p_reason, session_user, v_now);
    perform notify.enqueue(
        'CRITICAL', 'RISK', 'KILL_SWITCH_ENGAGED', format(
            'kill switch engaged %sby source %s: %s', case when not v_new then 'again ' end, p_source, p_reason
        ),
        p_detail => jsonb_build_object('source', p_source, 'host', v_host, 'reason', p_reason)
    );
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', case when v_new then 'kill.engaged' else 'kill.repeated' end,
        'body', jsonb_build_object('source', p_source, 'host', v_host, 'reason', p_reason)
    )));
    return v_new;
end;
$$;
comment on function ops.engage_kill_switch(text, text, text) is
'Engages a kill source (default row); true where it was not engaged before. Raises MQ220, MQ221.';

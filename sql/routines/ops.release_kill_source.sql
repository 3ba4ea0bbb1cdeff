-- ops.release_kill_source(source, host, reason): removes one engaged source, with its event, alert and audit row.
-- Why: the one place that deletes from ops.kill_sources; who may ask for it is decided by its two callers.
-- Called by: ops.clear_kill_source, ops.report_kill_file. Returns true where it was engaged. Raises: MQ220.
create or replace function ops.release_kill_source(p_source text, p_host text, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ops.seize_kill_lock(false);
    delete from ops.kill_sources as s where s.source = p_source and s.host = p_host;
    if not found then
        return false;
    end if;
    insert into ops.kill_events (source, host, action, reason, actor, occurred_at)
    values (p_source, p_host, 'clear', p_reason, session_user, ops.now());
    perform notify.enqueue(
        'HIGH', 'RISK', 'KILL_SOURCE_CLEARED', format('kill source %s cleared: %s', p_source, p_reason),
        p_detail => jsonb_build_object('source', p_source, 'host', p_host, 'reason', p_reason), p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'kill.cleared', 'body', jsonb_build_object('source', p_source, 'host', p_host, 'reason', p_reason)
    )));
    return true;
end;
$$;
comment on function ops.release_kill_source(text, text, text) is
'Removes one engaged kill source; true where it was engaged. Not granted to anyone. Raises MQ220.';

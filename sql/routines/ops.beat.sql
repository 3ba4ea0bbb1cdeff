-- ops.beat(process, host, pid, detail): one heartbeat; those of the same process and host older than 30 days go.
-- Why: a process that should report and does not is seen by its missing beats (I26). No audit row: a beat decides nothing. One of
-- a month ago proves nothing, and they would be half a million a year; the last of a process that is gone stays.
-- Called by: every long-running process. Raises: nothing of its own.
create or replace function ops.beat(p_process text, p_host text, p_pid integer, p_detail jsonb default '{}'::jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from ops.heartbeats as b
    where b.process = p_process and b.host = p_host and b.recorded_at < clock_timestamp() - interval '30 days';
    insert into ops.heartbeats (process, host, pid, beat_at, detail)
    values (p_process, p_host, p_pid, ops.now(), coalesce(p_detail, '{}'::jsonb));
$$;
comment on function ops.beat(text, text, integer, jsonb) is
'Stores one heartbeat of a process; drops those of it older than 30 days.';

-- ops.seize_kill_lock(kills too): takes everything a change of the kill switch must write: the kill row, then the audit head.
-- Why: a kill takes effect within a second even against a session idle in a transaction (I13): it waits 100 ms, then ends the
-- sessions that hold what it needs and tries again. The time-out is the function's own, because a role's can be overridden.
-- Another kill it lets have its turn: whoever ended it would lose its source (I14). One that is still there after half the second
-- is ended too, and its client hears of it: `runner kill` tries again, what saw a loss, an orphan or a breach sees it again. What
-- clears or resumes ends no kill: it waits, and finds it engaged (I15).
-- Called by: ops.engage_kill_switch; ops.release_kill_source and ops.resume, which spare kills. Raises: MQ220.
create or replace function ops.seize_kill_lock(p_kills_too boolean default true)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
    c_attempts constant integer := 20;
    c_attempts_beside_kills constant integer := 4;
    c_relations constant regclass[] := array[
        'ops.locks', 'ops.kill_sources', 'ops.kill_events', 'notify.alerts', 'audit.audit_log', 'audit.heads'
    ]::regclass[];
    v_immune integer[] := '{}';
begin
    for v_attempt in 1..c_attempts loop
        begin
            lock table only ops.locks, ops.kill_sources, ops.kill_events, notify.alerts, audit.audit_log, audit.heads
                in row exclusive mode;
            perform 1 from ops.locks as l where l.lock_name = 'kill' for update;
            perform 1 from audit.heads as h for update;
            return;
        exception when lock_not_available or deadlock_detected then
            v_immune := ops.end_lock_holders(c_relations, p_kills_too and v_attempt > c_attempts_beside_kills);
        end;
    end loop;
    raise exception using errcode = 'MQ220', message = 'the kill switch cannot take its locks',
        detail = 'held_by_pids=' || array_to_string(v_immune, ','),
        hint = case
            when p_kills_too then 'create the file runtime/KILL_SWITCH, which needs no database; end the session named'
            else 'where none is named, a kill is under way: ask again'
        end;
end;
$$;
comment on function ops.seize_kill_lock(boolean) is
'Takes the kill row and the audit head for update, ending sessions in the way after 100 ms, other kills after 500 where asked. '
'Raises MQ220.';

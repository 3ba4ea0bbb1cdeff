-- ops.end_lock_holders(relations, kills too): ends every other session of this database that holds a lock stronger than reading
-- on one of them; one that is itself changing the kill switch (it holds ops.kill_sources for writing) only where asked to.
-- Why: a kill must not wait for a session sitting in a transaction (I13), nor end another kill that waits beside it (I14).
-- fund_owner may do this as a member of the login roles;
-- a superuser's session cannot be ended and is named instead, so that the caller can say who is in the way.
-- Called by: ops.seize_kill_lock. Returns the pids that could not be ended. Raises: nothing.
create or replace function ops.end_lock_holders(p_relations regclass[], p_kills_too boolean)
returns integer[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pid integer;
    v_immune integer[] := '{}';
begin
    for v_pid in
        select distinct l.pid
        from pg_locks as l
        where
            l.locktype in ('relation', 'tuple')
            and l.database = (select d.oid from pg_database as d where d.datname = current_database())
            and l.relation = any (p_relations::oid[])
            and l.granted
            and l.mode not in ('AccessShareLock', 'SIReadLock')
            and l.pid is not null
            and l.pid <> pg_backend_pid()
            and (p_kills_too or not exists (
                select 1 from pg_locks as k
                where k.pid = l.pid and k.database = l.database and k.relation = 'ops.kill_sources'::regclass
                    and k.granted and k.mode = 'RowExclusiveLock'
            ))
        order by l.pid
    loop
        begin
            perform pg_terminate_backend(v_pid);
        exception when insufficient_privilege then
            v_immune := v_immune || v_pid;
        end;
    end loop;
    return v_immune;
end;
$$;
comment on function ops.end_lock_holders(regclass[], boolean) is
'Ends every other session that holds more than a reader''s lock on one of the relations, one that changes the kill switch only '
'where asked to; returns the pids it may not end (superusers).';

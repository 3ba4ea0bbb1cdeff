-- ops.resume_pending(): whether a kill was engaged since trading was last resumed, sources cleared or not.
-- Why: clearing the last source, or removing the file, does not resume trading (I15, B7): an operator does, through ops.resume,
-- once everything it asks is true. Nothing engaged since then is nothing to resume from.
-- Called by: ops.kill_engaged, ops.resume_checklist, ops.status. Raises: nothing.
create or replace function ops.resume_pending()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select 1
        from ops.kill_events as e
        where e.action = 'engage' and e.event_id > coalesce((select max(r.event_id) from ops.resumptions as r), 0)
    )
$$;
comment on function ops.resume_pending() is
'True from the first engagement of a kill source until ops.resume has answered the last one (I15).';

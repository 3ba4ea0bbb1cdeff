-- ops.engagements(source, host): the events that engaged a kill source since it was last cleared; none of a source not engaged.
-- What: the first is its row's, the rest are other persons' words or other losses. Why: whoever engages, whoever reports a loss
-- and the checklist of a resumption ask the same.
-- Called by: ops.engage_kill_switch, ops.resume_checklist, trade.engage_loss_kill. Raises: nothing.
create or replace function ops.engagements(p_source text, p_host text)
returns setof ops.kill_events
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select e.*
    from ops.kill_sources as s
        join ops.kill_events as e on e.source = s.source and e.host = s.host and e.action = 'engage'
    where s.source = p_source and s.host = p_host
        and e.event_id > coalesce((
            select max(c.event_id) from ops.kill_events as c
            where c.source = p_source and c.host = p_host and c.action = 'clear'
        ), 0)
$$;
comment on function ops.engagements(text, text) is
'The rows of ops.kill_events that engaged a source since it was last cleared; none of a source that is not engaged.';

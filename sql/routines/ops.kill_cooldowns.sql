-- ops.kill_cooldowns(): per kind of cooldown of the present kill: since when it runs, what it needs, what has passed (I15).
-- What: minutes, for a kill by a person, a process or a file: time for a second look; sessions, for one by losses (loss, cvar):
-- as long as a freeze (B9). Each counts from the last engagement of its kind since trading was resumed, by ops.now(); sessions
-- in whichever calendar of the accounts has had fewest.
-- Called by: ops.resume_checklist; the session loop as fund_decider, which leaves sessions behind while one is not over.
-- Raises: nothing; a limit nobody pinned is never over (I17).
create or replace function ops.kill_cooldowns()
returns table (kind text, sources text[], since timestamptz, needed double precision, passed double precision, is_over boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with engaged as (
        select
            case when e.source in ('loss', 'cvar') then 'sessions' else 'minutes' end as kind,
            array_agg(distinct e.source order by e.source) as sources,
            max(e.occurred_at) as since
        from ops.kill_events as e
        where e.action = 'engage' and e.event_id > coalesce((select max(r.event_id) from ops.resumptions as r), 0)
        group by 1
    ),

    measured as (
        select
            g.kind, g.sources, g.since, govern.effective_limit('kill_cooldown_' || g.kind) as needed,
            case g.kind
                when 'minutes' then extract(epoch from ops.now() - g.since)::double precision / 60
                else (
                    select min(c.sessions)::double precision
                    from (
                        select count(s.session) as sessions
                        from (select distinct a.calendar from trade.accounts as a) as k
                            left join ref.sessions as s
                                on s.calendar = k.calendar and s.opens_at > g.since and s.closes_at <= ops.now()
                        group by k.calendar
                    ) as c
                )
            end as passed
        from engaged as g
    )

    select m.kind, m.sources, m.since, m.needed, m.passed, (m.passed >= m.needed) is true from measured as m order by m.kind
$$;
comment on function ops.kill_cooldowns() is
'One row per kind of cooldown of the present kill (minutes, sessions): since, needed, passed, is_over (I15).';

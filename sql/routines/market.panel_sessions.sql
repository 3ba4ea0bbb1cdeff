-- market.panel_sessions(as_of, sessions, calendar): the sessions market.panel is aligned on, ascending: the last is the newest
-- whose close plus the shortest delay of any source is not after as_of.
-- Why: every stage counts in exchange sessions, and whoever reads a panel needs to know which. Shorter than asked where the
-- calendar begins later. Called by: market.panel, the runner as fund_decider, govern's gate. Raises: nothing.
create or replace function market.panel_sessions(p_as_of timestamptz, p_sessions integer, p_calendar text default 'XNYS')
returns date[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(w.session order by w.session)
    from (
            select s.session
            from ref.sessions as s
            where s.calendar = p_calendar
                and s.closes_at <= p_as_of - make_interval(
                    mins => coalesce((select min(p.delay_minutes) from ref.providers as p), 0)
                )
            order by s.session desc
            limit p_sessions
        ) as w
$$;
comment on function market.panel_sessions(timestamptz, integer, text) is
'The last sessions of a calendar that could be known at an instant, ascending; NULL where there is none.';

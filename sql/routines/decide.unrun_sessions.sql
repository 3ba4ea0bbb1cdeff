-- decide.unrun_sessions(account, before): the sessions as of which an account's close cycle should have run and did not, which
-- are not told yet; before a session, or (NULL) all.
-- What: of its calendar, after the newest session it has a close cycle or a row of decide.missed_cycles of, whose next session
-- has opened: orders for that opening can no longer be placed. A shadow cycle or a dry run trades nothing and stands for none. An
-- account that has never run a cycle misses none, nor does one at rest: without a position, eleven sessions and more after its
-- last cycle.
-- Called by: decide.miss_sessions, decide.watch_cycles. Raises: nothing.
create or replace function decide.unrun_sessions(p_account text, p_before date)
returns table (as_of_session date, trade_session date)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with last as (
        select a.calendar, s.session_number, greatest(s.session, m.session) as told
        from trade.accounts as a
            cross join lateral (
                select max(c.as_of_session) as session
                from decide.cycles as c
                where c.account = a.account and c.mode <> 'shadow' and c.slot = 'close' and exists (
                    select 1 from decide.cycle_runs as x where x.cycle_id = c.cycle_id and x.reason is distinct from 'DRY_RUN'
                )
            ) as r
            cross join lateral (
                select max(x.as_of_session) as session from decide.missed_cycles as x where x.account = a.account
            ) as m
            join ref.sessions as s on s.calendar = a.calendar and s.session = r.session
        where a.account = p_account
    )

    select s.session, t.session
    from last as l
        join ref.sessions as s on s.calendar = l.calendar and s.session > l.told
        join ref.sessions as t on t.calendar = s.calendar and t.session_number = s.session_number + 1
    where t.opens_at <= ops.now() and s.session < coalesce(p_before, 'infinity')
        and (
            s.session_number <= l.session_number + 10
            or exists (select 1 from trade.held_quantities as h where h.account = p_account and h.quantity <> 0)
        )
    order by s.session
$$;
comment on function decide.unrun_sessions(text, date) is
'The sessions as of which an account''s close cycle should have run and did not, not told yet, with the session after each.';

-- decide.due_cycles(calendar, accounts, settle_seconds): the accounts whose close cycle a scheduler should start now.
-- What: as of the calendar's last completed session, settle_seconds after its bars could be known (sync marks the book first)
--      until the next session opens. Not after a run that is DONE or open. A run that ended otherwise is tried again, later each
--      time (10, 20, 40, then every 60 minutes), where time or somebody mends it: data (13), a break in the books (14), a book
--      not marked yet, a database away (16), a crash (1). One the kill switch refused (11), once trading was resumed. Other
--      refusals would be the same again: a person starts that cycle.
-- Why: what is due stands in the database, not in a process: a scheduler that dies forgets nothing. An account its first cycle
--      has yet to open is due, too. A shadow cycle trades nothing and stands for none.
-- Called by: the daemon. Raises: nothing.
create or replace function decide.due_cycles(p_calendar text, p_accounts text[], p_settle_seconds integer)
returns table (account text, as_of_session date, opens_at timestamptz, runs integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select a.account, l.last_session, l.next_opens_at, coalesce(newest.runs, 0)
    from ref.last_sessions as l
        cross join unnest(p_accounts) with ordinality as a (account, n)
        left join lateral (
            select
                r.state, r.exit_code, r.reason, r.closed_at, r.lease_until, count(*) over ()::integer as runs,
                bool_or(r.state = 'DONE') over () as is_done
            from decide.cycles as c
                join decide.cycle_runs as r on r.cycle_id = c.cycle_id
            where c.account = a.account and c.as_of_session = l.last_session and c.slot = 'close' and c.mode <> 'shadow'
            order by r.recorded_before desc
            limit 1
        ) as newest on true
    where l.calendar = p_calendar
        and l.last_known_at + make_interval(secs => p_settle_seconds) <= ops.now() and l.next_opens_at > ops.now()
        and newest.is_done is not true
        and case
            when newest.state is null then true
            when newest.state = 'OPEN' then newest.lease_until < clock_timestamp()
            when newest.exit_code = 11 then exists (select 1 from ops.resumptions as u where u.resumed_at > newest.closed_at)
            when newest.exit_code in (1, 13, 14, 16) or newest.reason = 'NAV_UNUSABLE' then
                newest.closed_at + make_interval(mins => least(60, 10 * 2 ^ least(newest.runs - 1, 10))::integer) <= ops.now()
            else false
        end
    order by a.n
$$;
comment on function decide.due_cycles(text, text[], integer) is
'One row per account whose close cycle should start now: as of which session, until when, after how many runs.';

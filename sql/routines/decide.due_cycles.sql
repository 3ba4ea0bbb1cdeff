-- decide.due_cycles(calendar, accounts, settle_seconds): how each account's close cycle of the last completed session stands, and
-- when a scheduler starts it.
-- What: due_at is settle_seconds after the session's bars could be known (sync marks the book first); after a run or a start that
--      failed 10, 20, 40, then every 60 minutes, where time or somebody mends it: no run, missing data (13), a break in
--      the books (14), a book not marked yet, a database away (16), a crash (1). Of an open run its lease; after a refusal by
--      the kill switch (11) the resumption. NULL where it is DONE, and for any other refusal, which would be the same again: a
--      person starts that cycle. is_due: due_at has come, the next session has not opened, and no run of the account is open.
-- Why: what is due stands in the database, not in a process: a scheduler that dies forgets nothing. An account its first cycle
--      has yet to open is due, too. A shadow cycle or a dry run trades nothing and stands for none.
-- Called by: the daemon. Raises: nothing.
create or replace function decide.due_cycles(p_calendar text, p_accounts text[], p_settle_seconds integer)
returns table (
    account text, as_of_session date, opens_at timestamptz, tries integer, state text, exit_code integer, reason text,
    due_at timestamptz, is_due boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with last as (
        select
            a.account, a.n, l.last_session, l.next_opens_at,
            l.last_known_at + make_interval(secs => p_settle_seconds) as known_at
        from ref.last_sessions as l
            cross join unnest(p_accounts) with ordinality as a (account, n)
        where l.calendar = p_calendar and l.last_session is not null
    ),

    stands as (
        select
            t.*, r.runs, r.is_done, r.lease_until, r.recorded_before, f.starts,
            case when f.is_newer then 'NOT_STARTED' else r.state end as state,
            case when f.is_newer then f.exit_code else r.exit_code end as exit_code,
            case when f.is_newer then f.reason else r.reason end as reason,
            least(case when f.is_newer then f.failed_at else r.closed_at end, ops.now()) as ended_at
        from last as t
            left join lateral (
                select
                    x.state, x.exit_code, x.reason, x.closed_at, x.opened_at, x.lease_until, x.recorded_before,
                    count(*) over () as runs,
                    bool_or(x.state = 'DONE') over () as is_done
                from decide.cycles as c
                    join decide.cycle_runs as x on x.cycle_id = c.cycle_id
                where c.account = t.account and c.as_of_session = t.last_session and c.slot = 'close' and c.mode <> 'shadow'
                    and x.reason is distinct from 'DRY_RUN'
                order by x.recorded_before desc
                limit 1
            ) as r on true
            left join lateral (
                select
                    x.exit_code, x.reason, x.failed_at, count(*) over () as starts,
                    x.failed_at > coalesce(r.opened_at, '-infinity') as is_newer
                from decide.failed_starts as x
                where x.account = t.account and x.as_of_session = t.last_session
                order by x.start_id desc
                limit 1
            ) as f on true
    ),

    timed as (
        select s.*, w.tries, case
            when s.is_done then null
            when s.state is null then s.known_at
            when s.state = 'OPEN' then s.lease_until
            when s.state = 'NOT_STARTED' or s.exit_code in (1, 13, 14, 16) or s.reason = 'NAV_UNUSABLE'
                then s.ended_at + make_interval(mins => least(60, 10 * 2 ^ least(w.tries - 1, 10))::integer)
            when s.exit_code = 11 then (
                select min(u.resumed_at) from ops.resumptions as u where u.recorded_at > s.recorded_before
            )
        end as due_at
        from stands as s
            cross join lateral (select coalesce(s.runs, 0) + coalesce(s.starts, 0) as tries) as w
    )

    select
        d.account, d.last_session, d.next_opens_at, d.tries::integer, d.state, d.exit_code, d.reason, d.due_at,
        (d.due_at <= case when d.state = 'OPEN' then clock_timestamp() else ops.now() end and d.next_opens_at > ops.now()) is true
        and not exists (
            select 1 from decide.cycle_runs as o
            where o.account = d.account and o.state = 'OPEN' and o.lease_until > clock_timestamp()
        )
    from timed as d
    order by d.n
$$;
comment on function decide.due_cycles(text, text[], integer) is
'One row per account: the last completed session, how its newest run or start ended, and when a scheduler starts the next (NULL: '
'never by itself).';

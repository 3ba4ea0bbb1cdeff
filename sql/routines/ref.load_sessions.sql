-- ref.load_sessions(…): loads or extends one exchange calendar.
-- What: later sessions are appended. Of those stored, what lies ahead follows the calendar given, told by an alert and an audit
-- event: an exchange closes for a day of mourning, and a library of that week knows it. A session that has begun, or that a cycle
-- or an order is for, is never changed: one that differs, appears in the middle or vanishes is refused.
-- Why: the calendar row decides what a session is (F17), and session_number of what has been is stable.
-- Called by: runner/calendar.py as fund_ingestor. Arrays run in parallel, ascending by session; calling twice adds nothing.
-- Raises: MQ100 (arrays unusable), MQ101 (starts before what is stored), MQ102 (a stored session differs).
create or replace function ref.load_sessions(
    p_calendar text, p_name text, p_time_zone text,
    p_sessions date[], p_opens timestamptz[], p_closes timestamptz[], p_half_days boolean[]
)
returns table (sessions_added integer, sessions_unchanged integer)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first date;
    v_last date;
    v_number integer;
    v_stands date; -- the last session that is never changed
    v_differs date[];
begin
    if coalesce(cardinality(p_sessions), 0) = 0
        or cardinality(p_opens) is distinct from cardinality(p_sessions)
        or cardinality(p_closes) is distinct from cardinality(p_sessions)
        or cardinality(p_half_days) is distinct from cardinality(p_sessions)
        or exists (
            select 1 from unnest(p_sessions) with ordinality as g (session, n)
            where g.session is null or g.n > 1 and g.session <= p_sessions[g.n - 1]
        )
    then
        raise exception using errcode = 'MQ100',
            message = 'the sessions of a calendar come as parallel arrays in ascending order',
            detail = 'calendar=' || p_calendar, hint = 'python -m runner ingest';
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;

    insert into ref.calendars (calendar, name, time_zone) values (p_calendar, p_name, p_time_zone)
    on conflict (calendar) do nothing;
    select min(s.session), max(s.session), coalesce(max(s.session_number), 0) into v_first, v_last, v_number
    from ref.sessions as s where s.calendar = p_calendar;
    if p_sessions[1] < v_first then
        raise exception using errcode = 'MQ101', message = 'a calendar cannot be extended before its first stored session',
            detail = format('calendar=%s first_stored=%s first_given=%s', p_calendar, v_first, p_sessions[1]),
            hint = 'load the longer calendar into a new database: python -m runner deploy, then python -m runner ingest';
    end if;

    -- A simulated database has its history ahead of its own clock.
    select greatest(
            (
                select max(s.session) from ref.sessions as s
                where s.calendar = p_calendar and s.opens_at <= greatest(ops.now(), clock_timestamp())
            ),
            (select max(c.trade_session) from decide.cycles as c), (select max(o.trade_session) from trade.orders as o)
        ) into v_stands;
    -- Compared where both speak: a stored calendar may end later or earlier than what is given.
    select array_agg(coalesce(g.session, s.session) order by coalesce(g.session, s.session)) into v_differs
    from unnest(p_sessions, p_opens, p_closes, p_half_days) as g (session, opens_at, closes_at, half_day)
        full join (select * from ref.sessions as r where r.calendar = p_calendar) as s on s.session = g.session
    where v_first is not null
        and coalesce(g.session, s.session)
        between greatest(p_sessions[1], v_first) and least(p_sessions[cardinality(p_sessions)], v_last)
        and (g.opens_at, g.closes_at, g.half_day) is distinct from (s.opens_at, s.closes_at, s.half_day);
    if v_differs[1] <= v_stands or p_sessions[cardinality(p_sessions)] < v_last and v_differs is not null then
        raise exception using errcode = 'MQ102',
            message = 'a stored session differs from the calendar given; nothing was changed',
            detail = format('calendar=%s session=%s', p_calendar, v_differs[1]),
            hint = 'install the locked version of exchange_calendars (requirements.txt), or amend the session in a migration';
    elsif v_differs is not null then
        perform ref.amend_sessions(p_calendar, v_differs, p_sessions);
        select max(s.session), max(s.session_number) into v_last, v_number from ref.sessions as s where s.calendar = p_calendar;
    end if;

    insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
    select p_calendar, g.session, g.opens_at, g.closes_at, g.half_day, v_number + row_number() over (order by g.session)
    from unnest(p_sessions, p_opens, p_closes, p_half_days) as g (session, opens_at, closes_at, half_day)
    where v_last is null or g.session > v_last;
    get diagnostics sessions_added = row_count;
    sessions_unchanged := cardinality(p_sessions) - sessions_added;
    return next;
end;
$$;
comment on function ref.load_sessions(text, text, text, date[], timestamptz[], timestamptz[], boolean[]) is
'Loads or extends an exchange calendar from parallel ascending arrays; session numbers never change. Raises MQ100, MQ101, MQ102.';

-- ref.last_sessions: where each calendar stands by ops.now().
-- Why: one place says which session is the last completed one: its close plus the longest delay of any source lies behind us, so
-- its bars can be known. Read by: ingest, cycle, status, doctor, the gate.
create or replace view ref.last_sessions as
select
    c.calendar, l.session as last_session, l.session_number as last_session_number, l.closes_at as last_closes_at,
    l.known_at as last_known_at, n.session as next_session, n.opens_at as next_opens_at, n.closes_at as next_closes_at
from ref.calendars as c
    cross join (
        select coalesce(max(p.delay_minutes), 0) * interval '1 minute' as delay, ops.now() as now from ref.providers as p
    ) as t
    left join lateral (
        select s.*, s.closes_at + t.delay as known_at
        from ref.sessions as s
        where s.calendar = c.calendar and s.closes_at <= t.now - t.delay
        order by s.session desc
        limit 1
    ) as l on true
    left join lateral (
        select s.*
        from ref.sessions as s
        where s.calendar = c.calendar and (l.session is null or s.session > l.session)
        order by s.session
        limit 1
    ) as n on true;
comment on view ref.last_sessions is 'One row per calendar: its last completed session by ops.now() and the session after it.';
comment on column ref.last_sessions.calendar is 'Market identifier code.';
comment on column ref.last_sessions.last_session is
'Last session whose close plus the longest delay of a source has passed; NULL before the first.';
comment on column ref.last_sessions.last_session_number is 'Its number in the calendar.';
comment on column ref.last_sessions.last_closes_at is 'Instant it closed.';
comment on column ref.last_sessions.last_known_at is 'Instant its bars could be known from every source.';
comment on column ref.last_sessions.next_session is 'Session after it, open or still to come; NULL where the calendar ends.';
comment on column ref.last_sessions.next_opens_at is 'Instant it opens.';
comment on column ref.last_sessions.next_closes_at is 'Instant it closes.';

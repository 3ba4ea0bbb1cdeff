-- Proves: what changes in a calendar ahead is told: which sessions are no more, which are new, which have other hours.
begin;
select plan(4);

insert into ref.calendars (calendar, name, time_zone) values ('XTST', 'Test', 'UTC');
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
select 'XTST', d::date, d + interval '14:30', d + interval '21:00', false, row_number() over (order by d)
from unnest('{2100-01-04,2100-01-05,2100-01-06}'::timestamptz[]) as d;
select ref.amend_sessions('XTST', '{2100-01-05,2100-01-06,2100-01-07}', '{2100-01-04,2100-01-06,2100-01-07}');
select results_eq(
    'select session from ref.sessions where calendar = ''XTST''', $$values ('2100-01-04'::date)$$, 'from the first that differs on'
);
select is(
    (select convert_from(l.payload, 'UTF8')::jsonb -> 'body' from audit.audit_log as l where l.event = 'calendar.amended'),
    '{"calendar": "XTST", "closed": ["2100-01-05"], "opened": ["2100-01-07"], "other_hours": ["2100-01-06"]}'::jsonb, 'an audit row'
);
select is(
    (select a.detail - 'calendar' from notify.alerts as a where a.code = 'CALENDAR_AMENDED'),
    '{"closed": ["2100-01-05"], "opened": ["2100-01-07"], "other_hours": ["2100-01-06"]}'::jsonb, 'an alert'
);
select is(has_function_privilege('fund_ingestor', 'ref.amend_sessions(text, date[], date[])', 'execute'), false, 'only by a load');

select * from finish();
rollback;

-- Proves: the calendar row decides (F17) and what was loaded never changes silently; session numbers are stable. What lies ahead
-- follows the calendar given, unless a cycle is for it.
begin;
select plan(19);


set local timezone = 'UTC';
create function pg_temp.load(p_days text, p_close interval default '21:00') returns text language sql as $$
    select r.sessions_added || ' added, ' || r.sessions_unchanged || ' unchanged'
    from (
            select
                array_agg(d::date order by d) as sessions, array_agg(d + interval '14:30' order by d) as opens,
                array_agg(d + p_close order by d) as closes, array_agg(false order by d) as halves
            from unnest(p_days::timestamptz[]) as d
        ) as g,
        lateral ref.load_sessions('XTST', 'Test', 'UTC', g.sessions, g.opens, g.closes, g.halves) as r
$$;
select is(pg_temp.load('{2020-01-03,2020-01-06}'), '2 added, 0 unchanged', 'a first load stores every session');
select is(pg_temp.load('{2020-01-03,2020-01-06}'), '0 added, 2 unchanged', 'the same again adds nothing');
select is(pg_temp.load('{2020-01-06,2020-01-07}'), '1 added, 1 unchanged', 'later sessions are appended');
select results_eq(
    'select session, session_number from ref.sessions where calendar = ''XTST'' order by session',
    $$values ('2020-01-03'::date, 1), ('2020-01-06', 2), ('2020-01-07', 3)$$, 'numbers run on and never change'
);
select throws_ok($$select pg_temp.load('{2020-01-02,2020-01-03}')$$, 'MQ101', null, 'an earlier start is refused');
select throws_ok($$select pg_temp.load('{2020-01-03,2020-01-06}', '18:00')$$, 'MQ102', null, 'a changed close is refused');
select throws_ok($$select pg_temp.load('{2020-01-03,2020-01-07}')$$, 'MQ102', null, 'a vanished session is refused');
select throws_ok($$select pg_temp.load('{2020-01-03,2020-01-04,2020-01-06}')$$, 'MQ102', null, 'a new session in the middle is refused');
select throws_ok(
    $$select * from ref.load_sessions('XTST', 'Test', 'UTC', '{2020-01-08,2020-01-07}', '{2020-01-08,2020-01-07}',
        '{2020-01-09,2020-01-08}', '{f,f}')$$, 'MQ100', null, 'sessions out of order are refused'
);
select throws_ok(
    $$select * from ref.load_sessions('XTST', 'Test', 'UTC', '{2020-01-08}', '{}', '{2020-01-09}', '{f}')$$,
    'MQ100', null, 'arrays of different lengths are refused'
);
select is((select count(*) from ref.sessions where calendar = 'XTST'), 3::bigint, 'what is refused changes nothing');

select is(
    pg_temp.load('{2020-01-07,2100-01-04,2100-01-05,2100-01-06,2100-01-07}'), '4 added, 1 unchanged', 'sessions ahead, for now'
);
select is(pg_temp.load('{2020-01-07,2100-01-04,2100-01-06,2100-01-07}'), '2 added, 2 unchanged', 'one of them is none any more');
select results_eq(
    'select session, session_number from ref.sessions where calendar = ''XTST'' and session > ''2020-01-06'' order by session',
    $$values ('2020-01-07'::date, 3), ('2100-01-04', 4), ('2100-01-06', 5), ('2100-01-07', 6)$$, 'and those after it count on'
);
select is(pg_temp.load('{2100-01-04,2100-01-06,2100-01-07}'), '0 added, 3 unchanged', 'once');
select throws_ok($$select pg_temp.load('{2100-01-04,2100-01-06}', '18:00')$$, 'MQ102', null, 'never by a calendar that ends earlier');
select throws_ok($$select pg_temp.load('{2020-01-07,2100-01-04,2100-01-06,2100-01-07}', '18:00')$$, 'MQ102', null, 'nor with what has been');

select fixtures.fund();
create temporary table opened as select * from fixtures.open();
insert into decide.cycles (
    cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at
)
select repeat('a', 32), account, mode, strategy, as_of_session, '15:00', config_sha256, as_of, '2100-01-06', created_at
from decide.cycles limit 1;
select throws_ok($$select pg_temp.load('{2100-01-04,2100-01-07}')$$, 'MQ102', null, 'a session a cycle is for stands');
select is(pg_temp.load('{2100-01-04,2100-01-06,2100-01-08}'), '1 added, 2 unchanged', 'what comes after it does not');

select * from finish();
rollback;

-- Proves: the calendar row decides (F17) and what was loaded never changes silently; session numbers are stable.
begin;
select plan(11);


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

select * from finish();
rollback;

-- Proves: one door for bars: an open batch is taken in once, its landing rows go, recorded_at is the wall clock (ARCHITECTURE 2, Time).
begin;
select plan(14);
select fixtures.feed();

select results_eq(
    $$select state, rows_received, rows_added, rows_revised, rows_unchanged, rows_duplicate, rows_quarantined, first_session, last_session
    from fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5],
        ["2020-01-04", 10, 11, 9, 10, 5]]')$$,
    $$values ('DONE', 4, 2, 0, 0, 1, 1, '2020-01-02'::date, '2020-01-03'::date)$$, 'every row is counted once'
);
select results_eq(
    $$select rows_added, rows_revised, rows_unchanged from fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5],
        ["2020-01-03", 10, 11, 9, 10.5, 5]]')$$,
    $$values (0, 1, 1)$$, 'a second payload adds nothing that is stored and revises what differs'
);
select is((select count(*) from market.bar_landing), 0::bigint, 'nothing stays landed');
select results_eq('select reason from market.quarantined_bars', $$values ('NON_SESSION')$$, 'what is set aside stands with its reason');
select throws_ok('select market.ingest_bars((select max(batch_id) from market.ingest_batches))', 'MQ109', null, 'a batch is taken in once');
select throws_ok('select market.ingest_bars(null)', 'MQ109', null, 'no batch is no batch');
select is(
    (select rows_added from fixtures.take('raw_a', '[["2020-01-09", 10, 11, 9, 10, 5]]')), 1,
    'a session ahead of a simulated clock but behind the wall clock is history'
);
select is(
    (select bool_and(recorded_at between now() and clock_timestamp()) from market.provider_bars), true,
    'recorded_at is the wall clock on a simulated database too'
);
select results_eq(
    'select session, known_at from market.provider_bars where revision = 0 order by session',
    $$values ('2020-01-02'::date, '2020-01-02 21:30'::timestamptz), ('2020-01-03', '2020-01-03 21:30'), ('2020-01-09', '2020-01-09 21:30')$$,
    'a bar is known at its close plus the delay'
);
select is(
    (select known_at from market.provider_bars where revision = 1), '2020-01-08 12:00'::timestamptz,
    'a revision is known when it was received, by ops.now()'
);
do $$ begin perform fixtures.take('raw_a', '[["2020-01-06", 10, 11, 9, "NaN", 5, 9.5], ["2020-01-07", 10, 11, 9, 10, 5]]'); end $$;
select results_eq(
    'select row_number, symbol, reason, received from market.quarantined_bars where batch_id = (select max(batch_id) from market.ingest_batches)',
    $$values (1, 'TST', 'NON_FINITE', '{"session": "2020-01-06", "open": 10, "high": 11, "low": 9, "close": "NaN", "adj_close": 9.5,
        "volume": 5}'::jsonb)$$, 'what is set aside is kept as received, as text where it is no number'
);
select is(
    (select q.recorded_at from market.quarantined_bars as q where q.reason = 'NON_FINITE'),
    (select b.recorded_at from market.provider_bars as b where b.session = '2020-01-07'), 'in the instant of the rows beside it'
);
do $$ begin perform fixtures.take('raw_a', '[["2020-01-04", 3, 3, 3, 3, 5], ["2020-01-08", 3, 3, 3, null, 5], [null, 3, 3, 3, 3, 5],
    ["2020-01-05", 3, 3, 3, 3, 5]]'); end $$;
select is(
    (select array_agg(q.row_number order by q.quarantine_id) from market.quarantined_bars as q
    where q.batch_id = (select max(b.batch_id) from market.ingest_batches as b)), '{1,2,3,4}', 'they are numbered as they came'
);
update ops.simulated_clocks set instant = '2020-01-07 12:00';
do $$ begin perform fixtures.take('raw_a', '[["2020-01-09", 10, 11, 9, 10.5, 5]]'); end $$;
select is(
    (select known_at from market.provider_bars where revision = 1 and session = '2020-01-09'), '2020-01-09 21:30'::timestamptz,
    'and never before its session could be'
);

select * from finish();
rollback;

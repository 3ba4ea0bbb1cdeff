-- Proves: one door for statements: every row counted once, twice is once, a later filing is known when filed, a correction when received.
begin;
select plan(20);
select fixtures.feed();
select is(fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement())), '+1 ~0 =0 2x0 !0', 'the first statement');
select is(fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement())), '+0 ~0 =1 2x0 !0', 'the same again adds nothing');
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement(), fixtures.statement(), fixtures.statement('{"period_end": "soon"}'))),
    '+0 ~0 =1 2x1 !1', 'every row is counted once'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"accession": "a-2", "filed_at": "2020-01-06T22:00:00Z", "revenue": 90}'))),
    '+0 ~1 =0 2x0 !0', 'a later filing with another number is a revision'
);
select results_eq(
    'select revision, revenue, known_at from market.fundamentals order by revision',
    $$values (0, 100::float8, '2019-02-01 22:00Z'::timestamptz), (1, 90, '2020-01-06 22:00Z')$$, 'known when it was filed, though received later'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"revenue": 101}'))), '+0 ~1 =0 2x0 !0',
    'the source says otherwise of the first filing'
);
select is(
    (select known_at from market.fundamentals where revision = 2), '2020-01-08 12:00Z'::timestamptz, 'known when it was received, by ops.now()'
);
select is(fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"revenue": 101}'))), '+0 ~0 =1 2x0 !0', 'and is what its filing says by now');
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"accession": "a-3", "filed_at": "2020-01-07T22:00:00Z", "revenue": 101}'))),
    '+0 ~1 =0 2x0 !0', 'a filing that repeats a number is a statement of its own'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"accession": null}'))) || fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"accession": null}'))),
    '+0 ~1 =0 2x0 !0+0 ~0 =1 2x0 !0', 'without a number, form and instant are the filing'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement()), 'raw_b'), '+1 ~0 =0 2x0 !0', 'another source numbers its own'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"period_months": 3}'), fixtures.statement('{"period_end": "2017-12-31"}'))),
    '+2 ~0 =0 2x0 !0', 'another period is another fact'
);
select is(fixtures.tell('fundamentals', '[]'), '+0 ~0 =0 2x0 !0', 'nothing received is nothing');
select results_eq(
    $$select kind, reason, row_number, received ->> 'period_end' from market.quarantined_facts$$,
    $$values ('fundamentals', 'UNREADABLE_PERIOD_END', 3, 'soon')$$, 'what is set aside stands with its reason, as received'
);
select is((select array_agg(distinct state || kind) from market.ingest_batches), '{DONEfundamentals}'::text[], 'batches are closed and say what they brought');
select is(
    (select bool_and(recorded_at between now() and clock_timestamp()) from market.fundamentals), true, 'recorded_at is the wall clock on a simulated database too'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"filed_at": "2999-01-01T00:00:00Z", "accession": "z"}'))), '+0 ~0 =0 2x0 !1',
    'a filing from the future'
);
select is(
    fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"filed_at": "2020-03-01T22:00:00Z", "accession": "z"}'))), '+0 ~1 =0 2x0 !0',
    'one ahead of a simulated clock but behind the wall clock is history'
);
select throws_ok('select market.ingest_fundamentals((select max(batch_id) from market.ingest_batches), ''[]'')', 'MQ109', null, 'a batch is taken in once');
select throws_ok($$select fixtures.tell('fundamentals', '[{"revenu": 1}]')$$, 'MQ204', null, 'a key no statement has');
select * from finish();
rollback;

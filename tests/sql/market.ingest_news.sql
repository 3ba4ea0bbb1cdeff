-- Proves: one door for headlines: every row counted once, twice is once, a headline is known when public, a correction when received.
begin;
select plan(11);
select fixtures.feed();
select is(
    fixtures.tell('news', jsonb_build_array(fixtures.story(), fixtures.story(), fixtures.story('{"published_at": "2999-01-01T00:00:00Z"}'))),
    '+1 ~0 =0 2x1 !1', 'every row is counted once'
);
select is(fixtures.tell('news', jsonb_build_array(fixtures.story())), '+0 ~0 =1 2x0 !0', 'the same again adds nothing');
select is(fixtures.tell('news', jsonb_build_array(fixtures.story('{"headline": "Test misses"}'))), '+0 ~1 =0 2x0 !0', 'corrected');
select results_eq(
    'select revision, headline, known_at, headline_sha256 from market.news order by revision',
    $$values (0, 'Test beats', '2020-01-03 13:00Z'::timestamptz, sha256('Test beats')), (1, 'Test misses', '2020-01-08 12:00Z', sha256('Test misses'))$$,
    'known when it was public, and when it was received'
);
select is(fixtures.tell('news', jsonb_build_array(fixtures.story()), 'raw_b'), '+1 ~0 =0 2x0 !0', 'another feed has stories of its own');
select is(
    fixtures.tell('news', jsonb_build_array(fixtures.story('{"story": null}'))) || fixtures.tell('news', jsonb_build_array(fixtures.story('{"story": null}'))),
    '+1 ~0 =0 2x0 !0+0 ~0 =1 2x0 !0', 'without a number, instant and headline are the story'
);
select results_eq(
    $$select kind, reason, row_number from market.quarantined_facts$$, $$values ('news', 'PUBLISHED_IN_FUTURE', 3)$$, 'set aside with its reason'
);
select is((select array_agg(distinct state || kind) from market.ingest_batches), '{DONEnews}'::text[], 'batches are closed and say what they brought');
select is((select bool_and(recorded_at between now() and clock_timestamp()) from market.news), true, 'recorded_at is the wall clock');
select throws_ok('select market.ingest_news(null, ''[]'')', 'MQ109', null, 'no batch is no batch');
select throws_ok($$select fixtures.tell('news', '[{"head": "x"}]')$$, 'MQ204', null, 'a key no headline has');
select * from finish();
rollback;

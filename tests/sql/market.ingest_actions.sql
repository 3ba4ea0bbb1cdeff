-- Proves: splits and dividends are facts with revisions; what a source no longer states is cancelled, never removed.
begin;
select plan(18);
select fixtures.feed();
select is(fixtures.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{2,1.01}'), '+2 ~0 -0 =0', 'two actions of one date are two rows');
select results_eq(
    'select kind, known_at from market.corporate_actions order by kind desc',
    $$values ('split', '2020-01-03 14:30'::timestamptz), ('dividend', '2020-01-03 21:30')$$,
    'a split is known at the opening, a dividend''s factor with the close it contains'
);
select is(fixtures.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{2,1.01}'), '+0 ~0 -0 =2', 'the same again writes nothing');
select is(fixtures.act('{2020-01-03}', '{split}', '{3}'), '+0 ~1 -1 =0', 'one restated, one no longer stated');
select results_eq(
    'select kind, revision, factor, known_at from market.corporate_actions where revision > 0 order by kind',
    $$values ('dividend', 1, 1::float8, '2020-01-08 12:00'::timestamptz), ('split', 1, 3, '2020-01-08 12:00')$$,
    'a cancellation is a revision with factor 1, known when received'
);
select is(fixtures.act('{2020-01-03}', '{split}', '{3}'), '+0 ~0 -0 =1', 'a cancelled one stays cancelled');
select is(fixtures.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{3,1.01}'), '+0 ~1 -0 =1', 'and may come back as a revision');
select is((select count(*) from market.corporate_actions), 5::bigint, 'nothing stored was changed');
select throws_ok($$select fixtures.act('{2020-01-04}', '{split}', '{2}')$$, 'MQ110', null, 'an ex-date is a session');
select throws_ok($$select fixtures.act('{2020-01-03}', '{split}', '{0}')$$, 'MQ110', null, 'a factor is positive');
select throws_ok($$select fixtures.act('{2020-01-03}', '{split}', '{NaN}')$$, 'MQ110', null, 'and a number');
select throws_ok($$select fixtures.act('{2020-01-03}', '{merger}', '{2}')$$, 'MQ110', null, 'its kind is known');
select throws_ok($$select fixtures.act('{2020-01-03,2020-01-03}', '{split,split}', '{2,2}')$$, 'MQ110', null, 'and stated once a date');
select throws_ok(
    $$select * from market.ingest_actions((select min(batch_id) from market.ingest_batches), '2020-01-02', '2020-01-09', '{}', '{}', '{}', '{}')$$,
    'MQ109', null, 'a closed batch takes none'
);

-- 2020-01-09 is under way: what stands for its close is the price of the minute.
update ref.sessions set closes_at = clock_timestamp() + interval '1 hour' where session = '2020-01-09';
select is(
    fixtures.act('{2020-01-09,2020-01-09}', '{split,dividend}', '{2,1.01}'), '+1 ~0 -2 =0',
    'of a session that has not closed a split is taken in, no dividend; what is not stated is cancelled as ever'
);
update ref.sessions set closes_at = '2020-01-09 21:00Z' where session = '2020-01-09';
select is(fixtures.act('{2020-01-09,2020-01-09}', '{split,dividend}', '{2,1.02}'), '+1 ~0 -0 =1', 'after its close it is');
select results_eq(
    $$select factor, revision, known_at from market.corporate_actions where ex_date = '2020-01-09' and kind = 'dividend'$$,
    $$values (1.02::float8, 0, '2020-01-09 21:30'::timestamptz)$$,
    'and the first that is known of it holds the close, known with that bar: no feature of the day waits for a restatement'
);
update ref.sessions set closes_at = clock_timestamp() + interval '1 hour' where session = '2020-01-09';
select is(
    (select count(*) from market.bar_differences(
        (select max(f.fetch_id) from market.fetches as f), '{2020-01-09}', '{dividend}', '{1.5}', '{1}'
    ) as d where d.difference = 'action'),
    0::bigint, 'the archive is read by the same rule'
);

select * from finish();
rollback;

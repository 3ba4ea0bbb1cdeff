-- Proves: every time a missing session is asked for again is a row, and the caller hears how many are still missing.
begin;
select plan(5);
select fixtures.feed();
select fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 1]]');
set local role fund_ingestor;
select is(market.record_attempts('TST', 'raw_a', '{2020-01-03,2020-01-06,2020-01-04}', 'THROTTLED'), 2, 'both still missing');
reset role;
select fixtures.take('raw_b', '[["2020-01-03", 10, 11, 9, 10, 1]]');
set local role fund_ingestor;
select is(market.record_attempts('TST', 'raw_b', '{2020-01-03,2020-01-06}', null), 1, 'one was found');
reset role;
select results_eq('select t.session, t.provider, t.fault from market.gap_attempts as t order by t.attempt_id', $$values
    ('2020-01-03'::date, 'raw_a'::text, 'THROTTLED'::text), ('2020-01-06', 'raw_a', 'THROTTLED'), ('2020-01-03', 'raw_b', null), ('2020-01-06', 'raw_b', null)$$,
    'a Saturday is no session');
select throws_ok('update market.gap_attempts set fault = null', 'MQ211', null, 'what was tried stays');
set local role fund_operator;
select throws_ok($$select market.record_attempts('TST', 'raw_a', '{2020-01-06}', null)$$, '42501', null, 'the ingestor''s to say');
reset role;
select * from finish();
rollback;

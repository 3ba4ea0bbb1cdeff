-- Proves: an asking that brought nothing is a row with why, who was asked instead and how many answers came; a good one is none.
begin;
select plan(2);
select fixtures.feed();

select market.close_fetch(fixtures.fetch('raw_a', '2020-01-02', '2020-01-07'), 'UNREADABLE', 'HTML with 200', 'raw_b');
select market.close_fetch(fixtures.fetch('raw_b'), null, null, null);
select results_eq(
    'select provider, symbol, fault, reason, next_provider, purpose, first_session, responses from audit.failovers',
    $$values ('raw_a', 'TST', 'UNREADABLE', 'HTML with 200', 'raw_b', 'ingest', date '2020-01-02', 1::bigint)$$, 'one row, of the one that failed'
);
select is((select count(*) from market.fetches), 2::bigint, 'both are askings');

select * from finish();
rollback;

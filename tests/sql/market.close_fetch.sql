-- Proves: an asking ends once: OK, or FAILED with a fault and its reason.
begin;
select plan(7);
select fixtures.feed();

create temporary table opened as select market.open_fetch('raw_a', 'TST', 'ingest', null, null, null) as fetch_id;
create temporary table other as select market.open_fetch('raw_a', 'TST', 'ingest', null, null, null) as fetch_id;
select lives_ok('select market.close_fetch(fetch_id, null, null, null) from opened', 'without a fault it is OK');
select is((select f.outcome from market.fetches as f join opened using (fetch_id)), 'OK', 'and says so');
select throws_ok('select market.close_fetch(fetch_id, null, null, null) from opened', 'MQ521', null, 'once');
select throws_ok($$select market.close_fetch(fetch_id, 'EMPTY', null, null) from other$$, '23514', null, 'a fault has a reason');
select throws_ok($$select market.close_fetch(fetch_id, 'BAD', 'x', null) from other$$, '23514', null, 'and is one of the catalogue');
select throws_ok($$select market.close_fetch(fetch_id, 'EMPTY', 'x', 'nobody') from other$$, '23503', null, 'the next is a source');
select market.close_fetch(fetch_id, 'EMPTY', 'no row', 'raw_b') from other;
select results_eq(
    'select f.outcome, f.fault, f.reason, f.next_provider from market.fetches as f join other using (fetch_id)',
    $$values ('FAILED', 'EMPTY', 'no row', 'raw_b')$$, 'a failover is a row with its reason'
);

select * from finish();
rollback;

-- Proves: an open batch is handed out, and anything else is refused (MQ109); the market's lock row is held with it.
begin;
select plan(5);
select fixtures.feed();
create temporary table opened as select fixtures.batch('raw_b') as batch_id;

select results_eq(
    'select h.batch_id, h.provider, h.symbol, h.state from opened as o, market.hold_batch(o.batch_id) as h',
    $$select o.batch_id, 'raw_b', 'TST', 'OPEN' from opened as o$$, 'an open batch comes with its source and instrument'
);
select is(
    (select l.xmax::text::bigint from ops.locks as l where l.lock_name = 'market'), pg_current_xact_id()::text::bigint % 4294967296,
    'the row `market` of ops.locks is locked by this transaction'
);
select throws_ok('select market.hold_batch(0)', 'MQ109', null, 'a batch that is not there');
select throws_ok('select market.hold_batch(null)', 'MQ109', null, 'no batch');
do $$ begin perform market.ingest_bars(o.batch_id) from opened as o; end $$;
select throws_ok('select market.hold_batch(o.batch_id) from opened as o', 'MQ109', null, 'one that was taken in');

select * from finish();
rollback;

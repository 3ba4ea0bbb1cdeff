-- Proves: an unreadable payload is a row with its reason, not an exception and not silence (I26).
begin;
select plan(7);
select fixtures.feed();

create temporary table opened as select fixtures.batch() as batch_id;
insert into market.bar_landing (batch_id, row_number) select batch_id, 1 from opened;
select throws_ok($$select market.refuse_batch((select batch_id from opened), '')$$, 'MQ109', null, 'a refusal has a reason');
select lives_ok($$select market.refuse_batch((select batch_id from opened), 'an HTML page')$$, 'an open batch is refused');
select results_eq(
    'select state, kind, reason, rows_received, closed_at is not null from market.ingest_batches',
    $$values ('REFUSED', 'bars', 'an HTML page', 1, true)$$, 'its row says so'
);
select is((select count(*) from market.bar_landing), 0::bigint, 'what landed of it is gone');
select throws_ok($$select market.refuse_batch((select batch_id from opened), 'again')$$, 'MQ109', null, 'once only');
select throws_ok($$select market.ingest_bars((select batch_id from opened))$$, 'MQ109', null, 'and it cannot be taken in any more');
select market.refuse_batch(f.batch, 'no filing', 'fundamentals') from (select fixtures.batch() as batch) as f;
select is(b.kind, 'fundamentals', 'what it was to bring') from market.ingest_batches as b where b.reason = 'no filing';

select * from finish();
rollback;

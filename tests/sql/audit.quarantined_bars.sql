-- Proves: a row that was set aside leads to its source and payload.
begin;
select plan(1);
select fixtures.reference();
select fixtures.bars('AAA', 1);
insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received)
select b.batch_id, 7, 'AAA', 'NULL_PRICE', '{"session": "2013-02-26", "close": null}' from market.ingest_batches as b;
set local role fund_analyst;
select results_eq('select q.symbol, q.session, q.reason, q.provider, q.row_number from audit.quarantined_bars as q',
    $$values ('AAA'::text, '2013-02-26'::text, 'NULL_PRICE'::text, 'sample'::text, 7)$$, 'as received');
reset role;
select * from finish();
rollback;

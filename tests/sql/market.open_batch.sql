-- Proves: a row in the landing table belongs to a source, an instrument and a payload.
begin;
select plan(9);
select fixtures.feed();

select lives_ok($$select market.open_batch('raw_a', 'TST', (select min(payload_id) from market.provider_responses))$$, 'a batch opens');
select is((select state from market.ingest_batches), 'OPEN', 'and is OPEN until its rows are taken in');
select throws_ok(
    $$select market.open_batch('raw_a', 'NONE', (select min(payload_id) from market.provider_responses))$$, 'MQ108', null,
    'an unknown instrument is refused'
);
select throws_ok($$select market.open_batch('raw_a', 'TST', 0)$$, 'MQ108', null, 'so is a payload that was not archived');
select throws_ok(
    $$select market.open_batch('raw_b', 'TST', (select payload_id from market.provider_responses where provider = 'raw_a'))$$,
    'MQ108', null, 'and one of another source'
);
set local role fund_ingestor;
select lives_ok($$insert into market.bar_landing (batch_id, row_number) values (1, 1)$$, 'fund_ingestor lands rows');
select throws_ok('select * from market.bar_landing', '42501', null, 'and cannot read them');
select throws_ok('delete from market.bar_landing', '42501', null, 'or remove them');
select throws_ok(
    $$insert into market.price_history (symbol, session) values ('TST', '2020-01-02')$$, '42501', null, 'or write a bar past the routine'
);
reset role;

select * from finish();
rollback;

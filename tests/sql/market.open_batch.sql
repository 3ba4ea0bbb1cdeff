-- Proves: a row in the landing table belongs to an asking for an instrument, with an archived answer, and to one alone.
begin;
select plan(14);
select fixtures.feed();

create temporary table opened as select fixtures.fetch() as fetch_id;
select lives_ok($$select market.open_batch(fetch_id) from opened$$, 'a batch opens');
select results_eq(
    'select b.state, b.provider, b.symbol, b.fetch_id, b.payload_id from market.ingest_batches as b',
    $$select 'OPEN', 'raw_a', 'TST', o.fetch_id, (select r.payload_id from market.provider_responses as r where r.provider = 'raw_a') from opened as o$$,
    'OPEN until its rows are taken in, of the asking''s source, instrument and last answer'
);
select throws_ok($$select market.open_batch(fetch_id) from opened$$, 'MQ522', null, 'an asking has one batch');
select throws_ok($$select market.open_batch(0)$$, 'MQ108', null, 'an unknown asking is refused');
select throws_ok(
    $$select market.open_batch(market.open_fetch('raw_a', 'TST', 'ingest', null, null, null))$$, 'MQ108', null, 'so is one without an answer'
);
create temporary table passed_over as select market.open_fetch('raw_a', null, 'ingest', null, null, null) as fetch_id;
select market.add_response(p.fetch_id, r.payload_id, '200', 'text/csv', '{}')
from passed_over as p join market.provider_responses as r on r.provider = 'raw_a';
select throws_ok($$select market.open_batch(fetch_id) from passed_over$$, 'MQ108', null, 'and one for no instrument');

-- Two askings taken in, the batch of the first lost: nothing newer goes in before it, and it goes in no more behind the second.
create temporary table taken as select (fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5]]')).fetch_id as first_id;
alter table taken add column second_id bigint;
update taken set second_id = (fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10.5, 5]]')).fetch_id;
select market.close_fetch(f.fetch_id, null, null, null) from taken as t join market.fetches as f on f.fetch_id in (t.first_id, t.second_id);
delete from market.ingest_batches where fetch_id = (select first_id from taken);
select throws_ok($$select fixtures.batch('raw_b')$$, 'MQ525', null, 'what was lost comes back before what is new');
select throws_ok($$select market.open_batch(first_id) from taken$$, 'MQ525', null, 'and not behind what stands');
delete from market.ingest_batches where fetch_id = (select second_id from taken);
select lives_ok($$select market.open_batch(first_id) from taken$$, 'in its order it does');

set local role fund_ingestor;
select lives_ok($$insert into market.bar_landing (batch_id, row_number) values (1, 1)$$, 'fund_ingestor lands rows');
select throws_ok('select * from market.bar_landing', '42501', null, 'and cannot read them');
select throws_ok('delete from market.bar_landing', '42501', null, 'or remove them');
select throws_ok(
    $$insert into market.price_history (symbol, session) values ('TST', '2020-01-02')$$, '42501', null, 'or write a bar past the routine'
);
select throws_ok(
    $$insert into market.fetches (provider, purpose, asked_at, received_at, recorded_at) values ('raw_a', 'ingest', now(), now(), now())$$,
    '42501', null, 'or an asking'
);
reset role;

select * from finish();
rollback;

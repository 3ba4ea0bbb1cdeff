-- Proves: I24: the bar known within the bounds leads to its payload's bytes by hash; another source's word stands beside it.
begin;
select plan(7);
select fixtures.reference();
select fixtures.bars('AAA', 3);
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
values ('second', 2, 'split_adjusted', 'close', 30, 'fixture');
insert into market.provider_responses (provider, request, status, content_type, payload, payload_sha256, payload_bytes)
values ('sample', '{"symbol": "AAA"}', 'ok', 'text/csv', 'abc', sha256('abc'), 3);
update market.ingest_batches set payload_id = (select a.payload_id from market.provider_responses as a);
update market.ingest_batches as b set fetch_id = market.open_fetch(b.provider, b.symbol, 'ingest', '2013-02-25', '2013-02-27', null);
select market.add_response(b.fetch_id, b.payload_id, '200', 'text/csv', '{"symbol": "AAA"}') from market.ingest_batches as b;
insert into market.provider_bars (
    provider, symbol, session, revision, close, price_kind, price_basis, batch_id, known_at, recorded_at
)
select 'second', 'AAA', '2013-02-27', 0, 50, 'close', 'split_adjusted', b.batch_id, '2013-02-27 21:30Z', clock_timestamp()
from market.ingest_batches as b;
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select b.provider, b.symbol, b.session, 1, 99, 111, 98, 110, 1000, 'ohlcv', 'raw', b.batch_id, '2013-03-01 12:00Z', clock_timestamp()
from market.provider_bars as b where b.session = '2013-02-27' and b.provider = 'sample';
create temp table f as
select
    audit.explain_bar('AAA', '2013-02-27', '2013-02-27 21:30Z', clock_timestamp()) as then,
    audit.explain_bar('AAA', '2013-02-27', '2013-03-01 21:30Z', clock_timestamp()) as later;
select is(f.then -> 'close', '100'::jsonb, 'what was known then') from f;
select is(f.later -> 'close', '110'::jsonb, 'what is known later') from f;
select is(f.then -> 'payload' ->> 'sha256', encode(sha256('abc'), 'hex'), 'its payload') from f;
select is(
    (f.then -> 'asking') - '{fetch_id,asked_at,received_at}'::text[] #- '{answers,0,payload_id}',
    '{"purpose": "ingest", "first_session": "2013-02-25", "last_session": "2013-02-27",
        "answers": [{"status": "200", "request": {"symbol": "AAA"}}]}',
    'what was asked, and every answer'
)
from f;
select is(f.then -> 'other_sources', '[{"provider": "second", "revision": 0, "close": 50, "price_basis": "split_adjusted"}]'::jsonb, 'the second opinion') from f;
select is(audit.explain_bar('AAA', '2013-02-27', '2013-02-27 21:00Z', clock_timestamp()), null, 'not known yet');
select is(audit.explain_bar('AAA', '2013-02-27', '2013-02-27 21:30Z', '2013-02-27 21:30Z'), null, 'not recorded yet');
select * from finish();
rollback;

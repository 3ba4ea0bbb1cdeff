-- Proves: I24: the bars as a cycle knew them, with today's close beside; later revisions and sessions do not show.
begin;
select plan(4);
select fixtures.fund();
select fixtures.cycle();
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select b.provider, b.symbol, b.session, 1, 99, 111, 98, 110, 1000, 'ohlcv', 'raw', b.batch_id, '2013-02-28 12:00Z', clock_timestamp()
from market.provider_bars as b where b.session = '2013-02-26' and b.symbol = 'AAA';
update market.price_history set close = 110, high = 111 where session = '2013-02-26' and symbol = 'AAA';
set local role fund_analyst;
select results_eq(
    'select b.session, b.revision, b.close, b.close_today from audit.known_bars(''last'', ''AAA'', 2) as b',
    $$values ('2013-02-26'::date, 0, 100::float8, 110::float8), ('2013-02-27', 0, 100, 100)$$, 'then, and today'
);
select is((select count(*) from audit.known_bars('last', 'AAA', 20))::integer, 10, 'no more than there are');
select is_empty('select * from audit.known_bars(''last'', ''DDD'')', 'none was known');
select throws_ok('select * from audit.known_bars(''beef'', ''AAA'')', 'MQ450', null, 'no such cycle');
reset role;
select * from finish();
rollback;

-- Proves: a restated bar shows what it said before and how many decisions could not know it.
begin;
select plan(2);
select fixtures.fund();
select fixtures.cycle();
set local role fund_analyst;
select is_empty('select * from audit.bar_revisions', 'none yet');
reset role;
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select b.provider, b.symbol, b.session, 1, 99, 111, 98, 110, 1000, 'ohlcv', 'raw', b.batch_id, '2013-02-28 12:00Z', clock_timestamp()
from market.provider_bars as b where b.session = '2013-02-26' and b.symbol in ('AAA', 'BBB');
select fixtures.cycle('15:00');
set local role fund_analyst;
select results_eq('select r.symbol, r.earlier_close, r.close, r.decisions_before from audit.bar_revisions as r order by r.symbol',
    $$values ('AAA'::text, 100::float8, 110::float8, 2::bigint), ('BBB', 100, 110, 2)$$, 'known on the 28th only: both cycles were before');
reset role;
select * from finish();
rollback;

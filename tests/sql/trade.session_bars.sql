-- Proves: a paper fill knows no price the market had not shown, and none that was told later; a split stands on its ex-date.
begin;
select plan(8);

select fixtures.desk();
select is_empty($$select * from trade.session_bars('AAA', '2020-01-07')$$, 'no session that has not opened');
select ops.advance_clock('2020-01-07 15:00+00');
select results_eq($$select session, opens_at, closes_at, close, price_kind, price_basis from trade.session_bars('AAA', '2020-01-07')$$,
    $$values (date '2020-01-07', timestamptz '2020-01-07 14:30+00', timestamptz '2020-01-07 21:00+00', null::double precision, 'ohlcv', 'raw')$$,
    'a session without its bar before that is known');
select ops.advance_clock('2020-01-08 21:00+00');
update market.price_history set high = 103, low = 99, close = 102, open = 101, volume = 5000 where symbol = 'AAA' and session = '2020-01-08';
delete from market.price_history where symbol = 'AAA' and session = '2020-01-07';
select results_eq($$select session, open, high, low, close, volume, split_factor from trade.session_bars('AAA', '2020-01-07')$$,
    $$values (date '2020-01-07', null::double precision, null::double precision, null::double precision, null::double precision, null::double precision, 1::double precision),
        ('2020-01-08', 101, 103, 99, 102, 5000, 1)$$, 'every session in order, one without a bar too');
insert into market.provider_bars (provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at)
values ('tester', 'AAA', '2020-01-08', 0, 100, 101, 100, 100, 4000, 'ohlcv', 'raw', 1, '2020-01-08 21:00+00', clock_timestamp()),
    ('tester', 'AAA', '2020-01-08', 1, 101, 103, 99, 102, 5000, 'ohlcv', 'raw', 1, '2020-01-08 21:00+00', clock_timestamp());
update market.price_history set revision = 1 where symbol = 'AAA' and session = '2020-01-08';
select results_eq($$select close, volume from trade.session_bars('AAA', '2020-01-08')$$, $$values (100::double precision, 4000::double precision)$$,
    'a revised bar is the one first told');
select is_empty($$select * from trade.session_bars('ZZZ', '2020-01-07')$$, 'no instrument, no row');
insert into market.ingest_batches (provider, symbol) values ('tester', 'BBB');
insert into market.corporate_actions (provider, symbol, ex_date, kind, revision, factor, amount, batch_id, known_at, recorded_at)
select 'tester', 'BBB', x.ex_date, x.kind, 0, x.factor, x.factor, b.batch_id, s.opens_at, clock_timestamp()
from market.ingest_batches as b, ref.sessions as s,
    (values (date '2020-01-08', 'split', 2), ('2020-01-07', 'dividend', 1.1), ('2020-01-09', 'split', 3)) as x (ex_date, kind, factor)
where b.symbol = 'BBB' and s.session = x.ex_date;
select results_eq($$select session, split_factor from trade.session_bars('BBB', '2020-01-07')$$,
    $$values (date '2020-01-07', 1::double precision), ('2020-01-08', 2)$$, 'a split on its ex-date, a dividend is none');
select ops.advance_clock('2020-01-09 14:30+00');
select is(split_factor, 3::double precision, 'known at the opening, before the bar') from trade.session_bars('BBB', '2020-01-09');
update ref.instruments set price_basis = 'fully_adjusted' where symbol = 'BBB';
select is(split_factor, 1::double precision, 'an adjusted series has none: it contains it') from trade.session_bars('BBB', '2020-01-09');

select * from finish();
rollback;

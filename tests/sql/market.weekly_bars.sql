-- Proves: weekly and monthly bars have the same names, columns and values with TimescaleDB (continuous aggregates) and
-- without (plain views), also for rows that came after they were made, and for a close-only instrument.
begin;
select plan(9);
select columns_are(
    'market', 'weekly_bars', array['symbol', 'week_start', 'open', 'high', 'low', 'close', 'volume', 'sessions']
);
select columns_are(
    'market', 'monthly_bars', array['symbol', 'month_start', 'open', 'high', 'low', 'close', 'volume', 'sessions']
);
select col_type_is('market', 'weekly_bars', 'week_start', 'date', 'a week is named by its Monday, a date');

insert into ref.calendars (calendar, name, time_zone) values ('XTST', 'Test', 'UTC');
insert into ref.instruments (
    symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark
) values
('ZZA', 'bars', 'equity', 'XTST', 'USD', 'ohlcv', 'raw', true, true, false),
('ZZB', 'closes', 'equity', 'XTST', 'USD', 'close', 'raw', true, true, false);
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
values ('zz', 9999, 'raw', 'ohlcv', 0, 'test');
-- 2013-01-31 is a Thursday: its week goes on in February.
insert into market.price_history (
    symbol, session, open, high, low, close, volume, provider, revision, price_kind, price_basis, known_at, recorded_at
)
select 'ZZA', b.session, b.open, b.high, b.low, b.close, b.volume, 'zz', 0, 'ohlcv', 'raw', b.session, b.session
from (
    values
    (date '2013-02-04', 14.0::float8, 15.0::float8, 13.0::float8, 14.5::float8, 400.0::float8),
    (date '2013-01-31', 10.0, 12.0, 9.0, 11.0, 100.0),
    (date '2013-02-01', 11.5, 13.0, 11.0, 12.5, 200.0)
) as b (session, open, high, low, close, volume);
insert into market.price_history (
    symbol, session, close, provider, revision, price_kind, price_basis, known_at, recorded_at
) values
('ZZB', '2013-01-31', 7.0, 'zz', 0, 'close', 'raw', '2013-01-31', '2013-01-31'),
('ZZB', '2013-02-01', 8.0, 'zz', 0, 'close', 'raw', '2013-02-01', '2013-02-01');

select results_eq(
    $$select w.week_start, w.open, w.high, w.low, w.close, w.volume, w.sessions
    from market.weekly_bars as w where w.symbol = 'ZZA' order by w.week_start$$,
    $$values (date '2013-01-28', 10.0::float8, 13.0::float8, 9.0::float8, 12.5::float8, 300.0::float8, 2::bigint),
    (date '2013-02-04', 14.0, 15.0, 13.0, 14.5, 400.0, 1)$$,
    'a week opens with its first bar and closes with its last'
);
select results_eq(
    $$select m.month_start, m.open, m.high, m.low, m.close, m.volume, m.sessions
    from market.monthly_bars as m where m.symbol = 'ZZA' order by m.month_start$$,
    $$values (date '2013-01-01', 10.0::float8, 12.0::float8, 9.0::float8, 11.0::float8, 100.0::float8, 1::bigint),
    (date '2013-02-01', 11.5, 15.0, 11.0, 14.5, 600.0, 2)$$,
    'a month is a calendar month'
);
select results_eq(
    $$select w.open, w.high, w.low, w.close, w.volume from market.weekly_bars as w where w.symbol = 'ZZB'$$,
    $$values (null::float8, null::float8, null::float8, 8.0::float8, null::float8)$$,
    'a close-only instrument has no open, high or low, and none is invented'
);
select hasnt_table('market', 'weekly_bars', 'nothing writes them');
select isnt(
    (select c.relowner::regrole::text from pg_catalog.pg_class as c where c.oid = 'market.weekly_bars'::regclass), 'postgres',
    'they do not belong to the deployer'
);
select ok(
    not exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb')
    or (select c.relowner::regrole::text from pg_catalog.pg_class as c where c.oid = 'market.price_history'::regclass)
    = 'fund_history',
    'with TimescaleDB the history belongs to fund_history (I28)'
);
select * from finish();
rollback;

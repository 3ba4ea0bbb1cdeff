-- Proves: F9 (the elected source's newest revision, known by the clock); never for a series that contains its actions.
begin;
select plan(5);

select fixtures.desk();
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description) values ('other', 901, 'raw', 'ohlcv', 0, 'fixture');
insert into market.ingest_batches (provider, symbol) values ('tester', 'AAA'), ('other', 'AAA');
insert into market.corporate_actions (provider, symbol, ex_date, kind, revision, factor, amount, batch_id, known_at, recorded_at)
select x.provider, 'AAA', x.ex_date, x.kind, x.revision, x.factor, x.amount, b.batch_id, x.known_at, clock_timestamp()
from market.ingest_batches as b
    join (values
        ('tester', date '2020-01-07', 'dividend', 0, 1.01, 1.0, timestamptz '2020-01-07 21:00+00'),
        ('tester', '2020-01-07', 'split', 0, 2, 2, '2020-01-07 14:30+00'),
        ('other', '2020-01-07', 'split', 0, 4, 4, '2020-01-07 14:30+00'),
        ('tester', '2020-01-07', 'dividend', 1, 1, null, '2020-01-09 09:00+00')
    ) as x (provider, ex_date, kind, revision, factor, amount, known_at) on x.provider = b.provider;
select is_empty($$select * from trade.known_actions('AAA', '2020-01-07', '2020-01-10')$$, 'not before it is known');
select ops.advance_clock('2020-01-07 14:30+00');
select results_eq($$select ex_date, kind, provider, factor from trade.known_actions('AAA', '2020-01-07', '2020-01-10')$$,
    $$values (date '2020-01-07', 'split', 'tester', 2::numeric)$$, 'at the opening of the ex-date, of the source that was elected the day before');
select ops.advance_clock('2020-01-07 21:00+00');
select results_eq($$select kind, revision, factor, amount from trade.known_actions('AAA', '2020-01-07', '2020-01-10')$$,
    $$values ('split', 0, 2::numeric, 2::numeric), ('dividend', 0, 1.01, 1)$$, 'a dividend with the close it contains, after the split');
select ops.advance_clock('2020-01-09 09:00+00');
select is(factor, 1::numeric, 'a revision from when it is known') from trade.known_actions('AAA', '2020-01-07', '2020-01-10') where kind = 'dividend';
update ref.instruments set price_basis = 'split_adjusted' where symbol = 'AAA';
select is_empty($$select * from trade.known_actions('AAA', '2020-01-07', '2020-01-10')$$, 'adjusted prices contain it');

select * from finish();
rollback;

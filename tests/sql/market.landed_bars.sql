-- Proves: landed rows come with their session's close and with the prices their source's kind has, each once, whatever they hold.
begin;
select plan(4);
select fixtures.feed();
create temporary table opened as select fixtures.batch() as batch_id;
insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, adj_close, volume)
select o.batch_id, g.*
from opened as o, (
        values
            (1, '2020-01-02'::date, 10::float8, 11::float8, 9::float8, 10::float8, 9.5::float8, 5::float8),
            (2, '2020-01-04', 10, 11, 9, 10, 10, 5), (3, null, null, null, null, null, null, null), (4, '2020-01-02', 1, 1, 1, 1, 1, 1)
    ) as g;
insert into market.bar_landing (batch_id, row_number, session, close) select o.batch_id + 1, 1, '2020-01-03', 7 from opened as o;

select results_eq(
    'select l.* from opened as o, market.landed_bars(o.batch_id, $$raw_a$$, $$TST$$) as l order by l.row_number',
    $$values
        (1, '2020-01-02'::date, 10::float8, 11::float8, 9::float8, 10::float8, 9.5::float8, 5::float8, '2020-01-02 21:00Z'::timestamptz, true),
        (2, '2020-01-04', 10, 11, 9, 10, 10, 5, null, true), (3, null, null, null, null, null, null, null, null, true),
        (4, '2020-01-02', 1, 1, 1, 1, 1, 1, '2020-01-02 21:00Z', true)$$,
    'every row of the batch, and no other batch''s; no close on a Saturday'
);
select results_eq(
    'select distinct l.open, l.high, l.low, l.is_ohlcv from opened as o, market.landed_bars(o.batch_id, $$adj_c$$, $$TST$$) as l',
    $$values (null::float8, null::float8, null::float8, false)$$, 'of a close-only source neither open, high nor low'
);
select results_eq(
    'select l.close, l.adj_close, l.volume from opened as o, market.landed_bars(o.batch_id, $$adj_c$$, $$TST$$) as l where l.row_number = 1',
    $$values (10::float8, 9.5::float8, 5::float8)$$, 'but what it has'
);
select results_eq(
    'select l.closes_at from opened as o, market.landed_bars(o.batch_id, $$raw_a$$, $$NONE$$) as l where l.row_number = 1',
    'select null::timestamptz', 'an instrument that is not there has no sessions'
);

select * from finish();
rollback;

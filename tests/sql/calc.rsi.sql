-- Proves: ruling T1 (RSI as Wilder and TA-Lib start it), and that a continued run gives the bits of one from the start.
begin;
select plan(5);

-- Fourteen changes: +1 thirteen times, then -1, then +1. Row 15: mean gain 13/14, mean loss 1/14: RSI 1300/14.
create temporary table whole as
select u.*
from calc.rsi(
        1, array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 13, 14]::double precision[], null, null, null
    ) as k
    cross join lateral unnest(k.rsi_14, k.gain, k.loss) with ordinality as u (rsi_14, gain, loss, n);

select is((select count(*) from whole where rsi_14 is not null), 2::bigint, 'null in the first 14 rows');
select ok(
    (select abs(rsi_14 - 1300 / 14::double precision) < 1e-12 from whole where n = 15), 'row 15: simple means, 100 x 13/14'
);
-- Row 16: gain (13/14 x 13 + 1) / 14 = 183/196, loss (1/14 x 13) / 14 = 13/196: RSI 18300/196.
select ok((select abs(rsi_14 - 18300 / 196::double precision) < 1e-12 from whole where n = 16), 'row 16: Wilder''s average');
select results_eq(
    $$
    select u.*
    from whole as w
        cross join lateral calc.rsi(11, array[11, 12, 13, 14, 13, 14]::double precision[], 10, w.gain, w.loss) as k
        cross join lateral unnest(k.rsi_14, k.gain, k.loss) as u
    where w.n = 10
    $$,
    'select rsi_14, gain, loss from whole where n > 10 order by n', 'continued at row 11, the same bits'
);
select is(
    (select max(u.rsi) from calc.rsi(1, array_fill(5::double precision, array[20]), null, null, null) as k, unnest(k.rsi_14) as u (rsi)),
    0::double precision, 'without any change it is 0, as TA-Lib''s'
);

select * from finish();
rollback;

-- Proves: ruling T1 (the means RSI is made of, as Wilder and TA-Lib start them), and that a continued run gives the bits of one from
-- the start.
begin;
select plan(5);

-- Fourteen changes: +1 thirteen times, then -1, then +1. Row 15: mean gain 13/14, mean loss 1/14.
create temporary table whole as
select u.*
from calc.gains_losses(
        1, array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 13, 14]::double precision[], null, null, null
    ) as k
    cross join lateral unnest(k.gain, k.loss) with ordinality as u (gain, loss, n);

select results_eq(
    'select gain, loss from whole where n in (1, 2, 14) order by n', 'values (0::double precision, 0::double precision), (1, 0), (13, 0)',
    'sums up to row 14'
);
select results_eq(
    'select gain, loss from whole where n = 15', 'values (13 / 14::double precision, 1 / 14::double precision)', 'row 15: simple means'
);
-- Row 16: gain (13/14 x 13 + 1) / 14 = 183/196, loss (1/14 x 13) / 14 = 13/196.
select ok(
    (select abs(gain - 183 / 196::double precision) < 1e-15 and abs(loss - 13 / 196::double precision) < 1e-15 from whole where n = 16),
    'row 16: Wilder''s average'
);
select results_eq(
    $$
    select u.*
    from whole as w
        cross join lateral calc.gains_losses(11, array[11, 12, 13, 14, 13, 14]::double precision[], 10, w.gain, w.loss) as k
        cross join lateral unnest(k.gain, k.loss) as u
    where w.n = 10
    $$,
    'select gain, loss from whole where n > 10 order by n', 'continued at row 11, the same bits'
);
select is(
    (
        select array[max(u.gain), max(u.loss)]
        from calc.gains_losses(1, array_fill(5::double precision, array[20]), null, null, null) as k, unnest(k.gain, k.loss) as u (gain, loss)
    ),
    array[0, 0]::double precision[], 'without any change both are 0'
);

select * from finish();
rollback;

-- Proves: the average true range as Wilder and TA-Lib start it; none for an instrument with closes only.
begin;
select plan(4);

-- Every range is 2 (11 to 9 around 10) until row 16, where the low of 3 makes it 8.
create temporary table whole as
select u.*
from unnest(calc.true_range_means(
        1, array_fill(11::double precision, array[16]), array_fill(9::double precision, array[15]) || 3::double precision,
        array_fill(10::double precision, array[16]), null, null
    )) with ordinality as u (mean_range, n);
select is(
    (select array_agg(mean_range order by n) from whole where n in (1, 2, 14)), array[0, 2, 26]::double precision[],
    'the sum of the ranges since row 2 up to row 14'
);
select is(
    (select array_agg(mean_range order by n) from whole where n >= 15), array[2, 34 / 14::double precision],
    'the mean of 14 ranges, then (13 x 2 + 8) / 14'
);
select results_eq(
    $$
    select u.*
    from whole as w
        cross join lateral unnest(calc.true_range_means(
            15, array[11, 11]::double precision[], array[9, 3]::double precision[], array[10, 10]::double precision[], 10, w.mean_range
        )) as u
    where w.n = 14
    $$,
    'select mean_range from whole where n > 14 order by n', 'continued at row 15, the same bits'
);
select is(
    calc.true_range_means(
        1, array_fill(null::double precision, array[30]), array_fill(null::double precision, array[30]),
        array_fill(10::double precision, array[30]), null, null
    ),
    null, 'closes only: no range'
);

select * from finish();
rollback;

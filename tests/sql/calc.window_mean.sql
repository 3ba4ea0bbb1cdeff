-- Proves: the block sums of calc.window_mean: the mean of the window on every row, and the same bits continued anywhere.
begin;
select plan(3);

create temporary table whole as
select u.*
from calc.window_mean(1, 3, array[1, 2, 6, 4, 5, 9, 7]::double precision[], null, null, null) as k
    cross join lateral unnest(k.mean, k.prefix, k.block) with ordinality as u (mean, prefix, block, n);
select results_eq(
    'select mean from whole order by n', array[null, null, 3, 4, 5, 6, 7]::double precision[], 'means of three by hand'
);
select results_eq(
    $$
    select u.*
    from whole as w
        cross join lateral calc.window_mean(
            6, 3, array[9, 7]::double precision[], w.prefix, w.block,
            (select array_agg(x.prefix order by x.n) from whole as x where x.n between 3 and 4)
        ) as k
        cross join lateral unnest(k.mean, k.prefix, k.block) as u
    where w.n = 5
    $$,
    'select mean, prefix, block from whole where n > 5 order by n', 'continued at row 6, the same bits'
);
-- A running sum that adds and subtracts would leave 1e16's rounding in every later mean.
select is(
    (
        select k.mean[6] from calc.window_mean(1, 2, array[1e16, 1, 1, 1, 1, 1]::double precision[], null, null, null) as k
    ),
    1::double precision, 'no rounding outlives two windows'
);

select * from finish();
rollback;

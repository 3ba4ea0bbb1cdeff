-- Proves: calc.block_sums gives the sum of a window on every row, and the same bits continued anywhere.
begin;
select plan(6);

create temporary table whole as
select u.*
from calc.block_sums(1, 3, array[1, 2, 6, 4, 5, 9, 7]::double precision[], true, null, null, null, null) as k
    cross join lateral unnest(k.prefix, k.block, k.square_prefix, k.square_block)
        with ordinality as u (prefix, block, square_prefix, square_block, n);
select results_eq(
    'select prefix, block, square_prefix, square_block from whole order by n',
    $$
    values
        (1::double precision, 0::double precision, 1::double precision, 0::double precision), (3, 0, 5, 0), (9, 0, 41, 0),
        (4, 9, 16, 41), (9, 9, 41, 41), (18, 9, 122, 41), (7, 18, 49, 122)
    $$,
    'by hand'
);
select results_eq(
    $$
    select w.prefix + (w.block - coalesce(x.prefix, 0)) from whole as w left join whole as x on x.n = w.n - 3 where w.n >= 3 order by w.n
    $$,
    array[9, 12, 15, 18, 21]::double precision[], 'the sums of three'
);
select results_eq(
    $$
    select s.n as start, u.*
    from whole as s
        cross join (select array[1, 2, 6, 4, 5, 9, 7]::double precision[] as v) as a
        cross join lateral calc.block_sums(
            s.n::integer + 1, 3, a.v[s.n + 1:], true, s.prefix, s.block, s.square_prefix, s.square_block
        ) as k
        cross join lateral unnest(k.prefix, k.block, k.square_prefix, k.square_block) as u
    where s.n < 7
    $$,
    $$
    select s.n, w.prefix, w.block, w.square_prefix, w.square_block
    from whole as s inner join whole as w on w.n > s.n order by s.n, w.n
    $$,
    'continued at any row, the same bits'
);
-- A running sum that adds and subtracts would leave 1e16's rounding in every later sum.
select is(
    (
        select k.prefix[6] + (k.block[6] - k.prefix[4])
        from calc.block_sums(1, 2, array[1e16, 1, 1, 1, 1, 1]::double precision[], false, null, null, null, null) as k
    ),
    2::double precision, 'no rounding outlives two windows'
);
-- The histogram's blocks begin at row 34: what is before it is 0 and of the first block.
select results_eq(
    $$
    select k.prefix, k.block
    from calc.block_sums(-2, 3, array[0, 0, 0, 1, 2, 3, 4]::double precision[], false, null, null, null, null) as k
    $$,
    $$values (array[0, 0, 0, 1, 3, 6, 4]::double precision[], array[0, 0, 0, 0, 0, 0, 6]::double precision[])$$,
    'rows numbered 0 and below'
);
select is(
    (
        select num_nulls(k.square_prefix, k.square_block)
        from calc.block_sums(1, 3, array[1, 2]::double precision[], false, null, null, null, null) as k
    ),
    2, 'no squares where none are asked for'
);

select * from finish();
rollback;

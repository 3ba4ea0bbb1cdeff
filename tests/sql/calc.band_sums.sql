-- Proves: ruling T1 (Bollinger bands 20/2, population deviation), and that a start at any block gives the same bits.
begin;
select plan(4);

create temporary table prices as
select n, (50 + 3 * sin(n::double precision) + n / 20::double precision) as p from generate_series(1, 75) as n;
create temporary table whole as
select u.*
from calc.band_sums(1, (select array_agg(p order by n) from prices), 1) as k
    cross join lateral unnest(k.reference, k.prefix, k.rest, k.square_prefix, k.square_rest)
        with ordinality as u (reference, prefix, rest, square_prefix, square_rest, n);

select results_eq(
    'select distinct reference from whole order by 1', 'select p from prices where n in (1, 21, 41, 61) order by 1',
    'measured from the first close of each block'
);
select ok(
    (
        select
            count(*) = 56
            and bool_and(abs(w.reference + (w.prefix + w.rest) / 20 - x.mean) < 1e-12)
            and bool_and(abs(sqrt((w.square_prefix + w.square_rest) / 20 - ((w.prefix + w.rest) / 20) ^ 2) - x.sd) < 1e-12)
        from whole as w
            cross join lateral (
                select stddev_pop(p.p) as sd, avg(p.p) as mean from prices as p where p.n between w.n - 19 and w.n
            ) as x
        where w.n >= 20
    ),
    'mean and population deviation of the last 20'
);
select results_eq(
    $$
    select s.n as start, u.*
    from generate_series(1, 75) as s (n)
        cross join lateral (select greatest(1, ((s.n - 1) / 20 - 1) * 20 + 1) as first) as block
        cross join lateral calc.band_sums(
            block.first, (select array_agg(p order by n) from prices where n >= block.first), s.n
        ) as k
        cross join lateral unnest(k.reference, k.prefix, k.rest, k.square_prefix, k.square_rest) as u
    $$,
    $$
    select s.n, w.reference, w.prefix, w.rest, w.square_prefix, w.square_rest
    from generate_series(1, 75) as s (n) inner join whole as w on w.n >= s.n order by s.n, w.n
    $$,
    'for any row on, from the start of the block before its own: the same bits'
);
select is(
    (
        select max(abs(u.d) + abs(u.q))
        from calc.band_sums(1, array_fill(33.33::double precision, array[45]), 1) as k
            cross join lateral unnest(k.prefix, k.rest, k.square_prefix, k.square_rest) as x (prefix, rest, square_prefix, square_rest)
            cross join lateral (select x.prefix + x.rest as d, x.square_prefix + x.square_rest as q) as u
    ),
    0::double precision, 'a flat price has no deviation at all'
);

select * from finish();
rollback;

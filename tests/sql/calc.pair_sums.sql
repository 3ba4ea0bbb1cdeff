-- Proves: ruling A13 (what beta is made of: least squares over pairs of simple returns), and the same bits continued anywhere.
begin;
select plan(4);

create temporary table prices as
select
    n, 100 * exp(0.2 * sin(n::double precision)) as p,
    case when n = 200 then 0 else 100 * exp(0.1 * sin(n + 0.4::double precision)) end as m
from generate_series(1, 400) as n;
create temporary table whole as
select u.*
from (select array_agg(p order by n) as p, array_agg(m order by n) as m from prices) as a
    cross join lateral calc.pair_sums(a.p, a.m, null, null, null, null, null, null, null) as k
    cross join lateral unnest(k.pairs, k.sum_x, k.sum_y, k.sum_xx, k.sum_xy)
        with ordinality as u (pairs, sum_x, sum_y, sum_xx, sum_xy, n);
create temporary table returns as
select n, p / lag(p) over (order by n) - 1 as y, nullif(m, 0) / nullif(lag(m) over (order by n), 0) - 1 as x from prices;

select is(
    (select array_agg(w.n order by w.n) from whole as w left join whole as v on v.n = w.n - 1 where w.pairs = coalesce(v.pairs, 0)),
    array[1, 200, 201]::bigint[], 'no pair on the first row, nor on either side of a session the benchmark lacks'
);
select ok(
    (
        select count(*) = 4 and bool_and(abs((d.xy - d.x * d.y / d.m) / (d.xx - d.x * d.x / d.m) - x.slope) < 1e-10 and d.m = x.m)
        from whole as w
            inner join whole as v on v.n = w.n - 252
            cross join lateral (
                select
                    w.pairs - v.pairs as m, w.sum_x - v.sum_x as x, w.sum_y - v.sum_y as y, w.sum_xx - v.sum_xx as xx,
                    w.sum_xy - v.sum_xy as xy
            ) as d
            cross join lateral (
                select regr_slope(r.y, r.x) as slope, regr_count(r.y, r.x) as m from returns as r where r.n between w.n - 251 and w.n
            ) as x
        where w.n in (253, 260, 399, 400)
    ),
    'the differences give the least-squares slope over the pairs of the window'
);
select results_eq(
    $$
    select s.n as start, u.*
    from whole as s
        inner join prices as l on l.n = s.n
        cross join lateral (
            select array_agg(p order by n) as p, array_agg(m order by n) as m from prices where n > s.n
        ) as a
        cross join lateral calc.pair_sums(a.p, a.m, l.p, l.m, s.pairs, s.sum_x, s.sum_y, s.sum_xx, s.sum_xy) as k
        cross join lateral unnest(k.pairs, k.sum_x, k.sum_y, k.sum_xx, k.sum_xy) as u
    where s.n in (1, 199, 200, 300)
    $$,
    $$
    select s.n, w.pairs, w.sum_x, w.sum_y, w.sum_xx, w.sum_xy
    from (values (1::bigint), (199), (200), (300)) as s (n) inner join whole as w on w.n > s.n order by s.n, w.n
    $$,
    'continued at rows 2, 200, 201 and 301, the same bits'
);
select is(
    (
        select array[k.pairs[3], k.sum_x[3], k.sum_y[3], k.sum_xx[3], k.sum_xy[3]]
        from calc.pair_sums(array[1, 2, 3]::double precision[], array_fill(0::double precision, array[3]), null, null, null, null, null, null, null) as k
    ),
    array[0, 0, 0, 0, 0]::double precision[], 'without a benchmark there is no pair'
);

select * from finish();
rollback;

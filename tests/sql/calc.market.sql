-- Proves: ruling A13 (beta by least squares over 252 sessions, at least 120 pairs), and the same bits continued anywhere.
begin;
select plan(6);

create temporary table prices as
select
    n, 100 * exp(0.2 * sin(n::double precision)) as p,
    case when n = 200 then null else 100 * exp(0.1 * sin(n + 0.4::double precision)) end as m,
    '2020-01-01'::timestamptz + n * interval '1 day' as at
from generate_series(1, 400) as n;
create temporary table whole as
select u.*
from (
        select array_agg(p order by n) as p, array_agg(m order by n) as m, array_agg(at order by n) as at from prices
    ) as a
    cross join lateral calc.market(
        1, null, null, a.at, a.at, a.p, a.at, a.at, a.m,
        null, null, null, null, null, null, null, null, null, null, null, null
    ) as k
    cross join lateral unnest(
        k.known_at, k.recorded_at, k.market_return, k.beta_252, k.pairs,
        k.sum_x, k.sum_y, k.sum_xx, k.sum_xy
    ) with ordinality as u (
        known_at, recorded_at, market_return, beta_252, pairs, sum_x, sum_y, sum_xx, sum_xy, n
    );
create temporary table returns as
select n, p / lag(p) over (order by n) - 1 as y, m / lag(m) over (order by n) - 1 as x from prices;

select is(
    (select array_agg(n order by n) from whole where market_return is null), array[1, 200, 201]::bigint[],
    'no return on the first row, nor on either side of a session the benchmark lacks'
);
select is((select min(n) from whole where beta_252 is not null), 121::bigint, 'beta needs 120 pairs');
select ok(
    (
        select bool_and(abs(w.beta_252 - x.slope) < 1e-10)
        from whole as w
            cross join lateral (select regr_slope(r.y, r.x) as slope from returns as r where r.n between w.n - 251 and w.n) as x
        where w.n in (121, 199, 200, 201, 260, 400)
    ),
    'beta is the least-squares slope over the pairs of the window'
);
select results_eq(
    $$
    select u.*
    from whole as s
        cross join (
            select array_agg(p order by n) as p, array_agg(m order by n) as m, array_agg(at order by n) as at
            from prices where n > 300
        ) as a
        cross join (
            select
                array_agg(pairs order by n) as pairs, array_agg(sum_x order by n) as x, array_agg(sum_y order by n) as y,
                array_agg(sum_xx order by n) as xx, array_agg(sum_xy order by n) as xy
            from whole where n between 49 and 148
        ) as l
        cross join lateral calc.market(
            301, s.known_at, s.recorded_at, a.at, a.at, a.p, a.at, a.at, a.m,
            (select p from prices where n = 300), (select m from prices where n = 300),
            s.pairs, s.sum_x, s.sum_y, s.sum_xx, s.sum_xy, l.pairs, l.x, l.y, l.xx, l.xy
        ) as k
        cross join lateral unnest(
            k.known_at, k.recorded_at, k.market_return, k.beta_252, k.pairs,
            k.sum_x, k.sum_y, k.sum_xx, k.sum_xy
        ) as u
    where s.n = 300
    $$,
    $$
    select known_at, recorded_at, market_return, beta_252, pairs, sum_x, sum_y, sum_xx, sum_xy
    from whole where n > 300 order by n
    $$,
    'continued at row 301, the same bits'
);
select is(
    (
        select k.known_at
        from calc.market(
            1, '2020-01-05', '2020-01-05', array['2020-01-01', '2020-01-09', '2020-01-02']::timestamptz[],
            array['2020-01-01', '2020-01-03', '2020-01-02']::timestamptz[], array[1, 1, 1]::double precision[],
            array[null, '2020-01-09', null]::timestamptz[], array[null, null, null]::timestamptz[],
            array[1, 1, 1]::double precision[], null, null, null, null, null, null, null, null, null, null, null, null
        ) as k
    ),
    array['2020-01-05', '2020-01-09', '2020-01-09']::timestamptz[], 'known_at is a running maximum over both series'
);
select is(
    (
        select cardinality(array_remove(k.beta_252, null))
        from calc.market(
            1, null, null, array_fill(now(), array[300]), array_fill(now(), array[300]),
            (select array_agg(p order by n) from prices where n <= 300),
            array_fill(now(), array[300]), array_fill(now(), array[300]), array_fill(7::double precision, array[300]),
            null, null, null, null, null, null, null, null, null, null, null, null
        ) as k
    ),
    0, 'a benchmark that never moves has no slope'
);

select * from finish();
rollback;

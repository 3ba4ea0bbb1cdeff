-- Proves: ruling T1 (Bollinger bands 20/2, population deviation), and that a start at any block gives the same bits.
begin;
select plan(5);

create temporary table prices as
select n, (50 + 3 * sin(n::double precision) + n / 20::double precision) as p from generate_series(1, 75) as n;
create temporary table whole as
select u.*
from calc.bands(1, (select array_agg(p order by n) from prices), 1) as k
    cross join lateral unnest(k.bb_middle_20, k.bb_upper_20, k.bb_lower_20, k.sd_20)
        with ordinality as u (bb_middle_20, bb_upper_20, bb_lower_20, sd_20, n);

select is((select min(n) from whole where sd_20 is not null), 20::bigint, 'from row 20 on');
select ok(
    (
        select bool_and(abs(w.sd_20 - x.sd) < 1e-12 and abs(w.bb_middle_20 - x.mean) < 1e-12)
        from whole as w
            cross join lateral (
                select stddev_pop(p.p) as sd, avg(p.p) as mean from prices as p where p.n between w.n - 19 and w.n
            ) as x
        where w.n >= 20
    ),
    'mean and population deviation of the last 20'
);
select ok(
    (select bool_and(bb_upper_20 - bb_middle_20 = bb_middle_20 - bb_lower_20 or abs(bb_upper_20 + bb_lower_20 - 2 * bb_middle_20) < 1e-12)
    from whole where n >= 20), 'the bands lie two deviations either side'
);
select results_eq(
    $$
    select u.*
    from calc.bands(41, (select array_agg(p order by n) from prices where n > 40), 65) as k
        cross join lateral unnest(k.bb_middle_20, k.bb_upper_20, k.bb_lower_20, k.sd_20) as u
    $$,
    'select bb_middle_20, bb_upper_20, bb_lower_20, sd_20 from whole where n >= 65 order by n',
    'started at row 41 for row 65, the same bits'
);
select is(
    (select max(u.sd) from calc.bands(1, array_fill(33.33::double precision, array[45]), 1) as k, unnest(k.sd_20) as u (sd)),
    0::double precision,
    'a flat price has no deviation at all'
);

select * from finish();
rollback;

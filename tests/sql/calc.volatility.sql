-- Proves: rulings T3, T4 (252 returns, 253 closes; deviations are sample deviations), and the same bits continued anywhere.
begin;
select plan(5);

create temporary table prices as
select n, 100 * exp(0.3 * sin(n / 40::double precision) + 0.01 * cos(n * 7::double precision)) as p
from generate_series(1, 600) as n;
create temporary table whole as
select u.*
from calc.volatility(
        1, (select array_agg(p order by n) from prices), null, null, null, null, null, null, null, null, null, null, null, null
    ) as k
    cross join lateral unnest(
        k.realized_vol_20, k.realized_vol_63, k.sd_252, k.drawdown_252,
        k.return_sum, k.return_square, k.highest, k.highest_n
    ) with ordinality as u (
    realized_vol_20, realized_vol_63, sd_252, drawdown_252, return_sum, return_square, highest, highest_n, n
);
create temporary table returns as
select n, ln(p / lag(p) over (order by n)) as r from prices;

select is(
    (select array[min(n) filter (where realized_vol_20 is not null), min(n) filter (where realized_vol_63 is not null),
        min(n) filter (where sd_252 is not null), min(n) filter (where drawdown_252 is not null)] from whole),
    array[21, 64, 253, 253]::bigint[], 'each begins when its window is full'
);
select ok(
    (
        select bool_and(abs(w.realized_vol_20 - x.sd * sqrt(252::double precision)) < 1e-11)
        from whole as w
            cross join lateral (select stddev_samp(r.r) as sd from returns as r where r.n between w.n - 19 and w.n) as x
        where w.n in (21, 22, 100, 253, 600)
    ),
    'realised volatility is the sample deviation of 20 returns x sqrt(252)'
);
select ok(
    (
        select bool_and(abs(w.sd_252 - x.sd) < 1e-12)
        from whole as w
            cross join lateral (select stddev_samp(r.r) as sd from returns as r where r.n between w.n - 251 and w.n) as x
        where w.n in (253, 254, 400, 600)
    ),
    'sd_252 is the daily sample deviation of 252 returns'
);
select ok(
    (
        select bool_and(w.drawdown_252 = 1 - p.p / x.top)
        from whole as w
            inner join prices as p on p.n = w.n
            cross join lateral (select max(q.p) as top from prices as q where q.n between w.n - 252 and w.n) as x
        where w.n >= 253
    ),
    'the drawdown is from the highest of 253 closes, also when it leaves the window'
);
select results_eq(
    $$
    select u.*
    from whole as s
        cross join lateral calc.volatility(
            401, (select array_agg(p order by n) from prices where n > 400), (select p from prices where n = 400),
            s.return_sum, s.return_square, s.highest, s.highest_n,
            (select array_agg(return_sum order by n) from whole where n between 381 and 400),
            (select array_agg(return_square order by n) from whole where n between 381 and 400),
            (select array_agg(return_sum order by n) from whole where n between 338 and 400),
            (select array_agg(return_square order by n) from whole where n between 338 and 400),
            (select array_agg(return_sum order by n) from whole where n between 149 and 400),
            (select array_agg(return_square order by n) from whole where n between 149 and 400),
            (select array_agg(p order by n) from prices where n between 149 and 400)
        ) as k
        cross join lateral unnest(
            k.realized_vol_20, k.realized_vol_63, k.sd_252, k.drawdown_252,
            k.return_sum, k.return_square, k.highest, k.highest_n
        ) as u
    where s.n = 400
    $$,
    $$
    select realized_vol_20, realized_vol_63, sd_252, drawdown_252, return_sum, return_square, highest, highest_n
    from whole where n > 400 order by n
    $$,
    'continued at row 401, the same bits'
);

select * from finish();
rollback;

-- Proves: rulings T3, T4 (sums of log returns, the highest of 253 closes), and the same bits continued anywhere.
begin;
select plan(4);

create temporary table prices as
select n, 100 * exp(0.3 * sin(n / 40::double precision) + 0.01 * cos(n * 7::double precision)) as p
from generate_series(1, 600) as n;
create temporary table whole as
select u.*
from calc.return_sums(1, (select array_agg(p order by n) from prices), null, null, null, null, null, null) as k
    cross join lateral unnest(k.return_sum, k.return_square, k.highest, k.highest_n)
        with ordinality as u (return_sum, return_square, highest, highest_n, n);
create temporary table returns as
select n, ln(p / lag(p) over (order by n)) as r from prices;

select results_eq(
    'select return_sum, return_square from whole where n = 1', 'values (0::double precision, 0::double precision)',
    'the first row has no return'
);
select ok(
    (
        select
            count(*) = 4
            and bool_and(abs(sqrt((w.return_square - v.return_square - (w.return_sum - v.return_sum) ^ 2 / 252) / 251) - x.sd) < 1e-12)
        from whole as w
            inner join whole as v on v.n = w.n - 252
            cross join lateral (select stddev_samp(r.r) as sd from returns as r where r.n between w.n - 251 and w.n) as x
        where w.n in (253, 254, 400, 600)
    ),
    'the differences give the sample deviation of the returns of a window'
);
select ok(
    (
        select bool_and(w.highest = x.top and w.highest = p.p)
        from whole as w
            inner join prices as p on p.n = w.highest_n
            cross join lateral (select max(q.p) as top from prices as q where q.n between w.n - 252 and w.n) as x
    ),
    'the highest of 253 closes, also when it leaves the window, and where it stands'
);
select results_eq(
    $$
    select s.n as start, u.*
    from whole as s
        inner join prices as l on l.n = s.n
        cross join lateral calc.return_sums(
            s.n::integer + 1, (select array_agg(p order by n) from prices where n > s.n), l.p,
            s.return_sum, s.return_square, s.highest, s.highest_n,
            (select array_agg(p order by n) from prices where n between s.n - 251 and s.n)
        ) as k
        cross join lateral unnest(k.return_sum, k.return_square, k.highest, k.highest_n) as u
    where s.n in (1, 100, 400)
    $$,
    $$
    select s.n, w.return_sum, w.return_square, w.highest, w.highest_n
    from (values (1::bigint), (100), (400)) as s (n) inner join whole as w on w.n > s.n order by s.n, w.n
    $$,
    'continued at rows 2, 101 and 401, the same bits'
);

select * from finish();
rollback;

-- Proves: ruling T1 (MACD 12/26/9 as TA-Lib starts it), and that a continued run gives the bits of one from the start.
begin;
select plan(5);

create temporary table prices as select n, n::double precision as p from generate_series(1, 40) as n;
create temporary table whole as
select u.*
from calc.macd_averages(1, (select array_agg(p order by n) from prices), null, null, null) as k
    cross join lateral unnest(k.ema_fast, k.ema_slow, k.ema_signal, k.hist)
        with ordinality as u (ema_fast, ema_slow, ema_signal, hist, n);

-- Prices 1, 2, 3, …: an average of n starts at the mean of its rows and then stays (n - 1) / 2 behind: 20.5 and 13.5 at row 26.
select is(
    (select array[ema_fast, ema_slow] from whole where n = 26), array[20.5, 13.5]::double precision[],
    'both averages start at row 26 with simple means, the fast one of rows 15 to 26'
);
select is(
    (select array[w.ema_fast, w.ema_slow, w.ema_signal, w.hist] from whole as w where w.n = 25),
    array[(25 * 26 - 14 * 15) / 2, 25 * 26 / 2, 0, 0]::double precision[], 'until then they hold the sums they start from'
);
select ok(
    (
        select bool_and(abs(ema_fast - ema_slow - 7) < 1e-12 and abs(ema_signal - 7) < 1e-12 and abs(hist) < 1e-12)
        from whole where n >= 34
    ),
    'on a straight line the lag of the averages is 12.5 and 5.5: MACD 7, from row 34 on signal 7 and histogram 0'
);
create temporary table waves as
select n, (100 + 7 * sin(n::double precision)) as p from generate_series(1, 330) as n;
create temporary table passes as
select u.*
from calc.macd_averages(1, (select array_agg(p order by n) from waves), null, null, null) as k
    cross join lateral unnest(k.ema_fast, k.ema_slow, k.ema_signal, k.hist)
        with ordinality as u (ema_fast, ema_slow, ema_signal, hist, n);
select is(
    (select array_agg(n order by n) from (select n from passes where hist <> 0 order by n limit 2) as x), array[34, 35]::bigint[],
    'the histogram is 0 up to row 33'
);
select results_eq(
    $$
    select s.n as start, u.*
    from passes as s
        cross join lateral calc.macd_averages(
            s.n::integer + 1, (select array_agg(p order by n) from waves where n > s.n), s.ema_fast, s.ema_slow, s.ema_signal
        ) as k
        cross join lateral unnest(k.ema_fast, k.ema_slow, k.ema_signal, k.hist) as u
    where s.n in (10, 30, 34, 200)
    $$,
    $$
    select s.n, p.ema_fast, p.ema_slow, p.ema_signal, p.hist
    from (values (10::bigint), (30), (34), (200)) as s (n) inner join passes as p on p.n > s.n order by s.n, p.n
    $$,
    'continued at rows 11, 31, 35 and 201, the same bits'
);

select * from finish();
rollback;

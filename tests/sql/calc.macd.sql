-- Proves: ruling T1 (MACD 12/26/9 as TA-Lib starts it), and that a continued run gives the bits of one from the start.
begin;
select plan(5);

create temporary table prices as select n, n::double precision as p from generate_series(1, 40) as n;
create temporary table whole as
select u.*
from calc.macd(1, (select array_agg(p order by n) from prices), null, null, null, null, null, null, null, null, null) as k
    cross join lateral unnest(
        k.macd, k.macd_signal, k.macd_hist, k.macd_hist_sd_126, k.ema_fast, k.ema_slow, k.ema_signal,
        k.hist_prefix, k.hist_block, k.square_prefix, k.square_block
    ) with ordinality as u (
        macd, macd_signal, macd_hist, macd_hist_sd_126, ema_fast, ema_slow, ema_signal,
        hist_prefix, hist_block, square_prefix, square_block, n
    );

select is(
    (select array_agg(num_nonnulls(macd, macd_signal, macd_hist) order by n) from whole),
    array_fill(0, array[33]) || array_fill(3, array[7]), 'all three lines from row 34 on'
);
-- Prices 1, 2, 3, …: an average of n starts at the mean of its rows and then stays (n - 1) / 2 behind: 20.5 and 13.5 at row 26.
select is(
    (select array[ema_fast, ema_slow] from whole where n = 26), array[20.5, 13.5]::double precision[],
    'both averages start at row 26 with simple means, the fast one of rows 15 to 26'
);
select ok(
    (select bool_and(abs(macd - 7) < 1e-12 and abs(macd_signal - 7) < 1e-12 and abs(macd_hist) < 1e-12) from whole where n >= 34),
    'on a straight line the lag of the averages is 12.5 and 5.5: MACD 7, signal 7, histogram 0'
);
create temporary table waves as
select n, (100 + 7 * sin(n::double precision)) as p from generate_series(1, 330) as n;
create temporary table passes as
select u.*
from calc.macd(1, (select array_agg(p order by n) from waves), null, null, null, null, null, null, null, null, null) as k
    cross join lateral unnest(
        k.macd, k.macd_signal, k.macd_hist, k.macd_hist_sd_126, k.ema_fast, k.ema_slow, k.ema_signal,
        k.hist_prefix, k.hist_block, k.square_prefix, k.square_block
    ) with ordinality as u (
        macd, macd_signal, macd_hist, macd_hist_sd_126, ema_fast, ema_slow, ema_signal,
        hist_prefix, hist_block, square_prefix, square_block, n
    );
select results_eq(
    $$
    select u.*
    from passes as s
        cross join lateral calc.macd(
            201, (select array_agg(p order by n) from waves where n > 200), s.ema_fast, s.ema_slow, s.ema_signal,
            s.hist_prefix, s.hist_block, (select array_agg(hist_prefix order by n) from passes where n between 75 and 200),
            s.square_prefix, s.square_block, (select array_agg(square_prefix order by n) from passes where n between 75 and 200)
        ) as k
        cross join lateral unnest(
            k.macd, k.macd_signal, k.macd_hist, k.macd_hist_sd_126, k.ema_fast, k.ema_slow, k.ema_signal,
            k.hist_prefix, k.hist_block, k.square_prefix, k.square_block
        ) as u
    where s.n = 200
    $$,
    $$
    select
        macd, macd_signal, macd_hist, macd_hist_sd_126, ema_fast, ema_slow, ema_signal,
        hist_prefix, hist_block, square_prefix, square_block
    from passes where n > 200 order by n
    $$,
    'continued at row 201, the same bits'
);
select ok(
    (
        select bool_and(abs(p.macd_hist_sd_126 - w.sd) < 1e-12)
        from passes as p
            cross join lateral (
                select stddev_samp(x.macd_hist) as sd from passes as x where x.n between p.n - 125 and p.n
            ) as w
        where p.n >= 159
    ) and (select min(n) = 159 from passes where macd_hist_sd_126 is not null),
    'the deviation is that of the last 126 histograms, from row 159 on'
);

select * from finish();
rollback;

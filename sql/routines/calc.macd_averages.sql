-- calc.macd_averages(first, close, fast, slow, signal): the exponential averages of MACD 12/26/9 of one symbol, and the
--      histogram.
-- What: one pass over the closes of rows p_first, p_first + 1, …, continued from the averages of row p_first - 1.
-- Why: ruling T1. It starts as TA-Lib's: each average with the simple mean of its first n, the fast one so that both exist from
--      row 26, all three from row 34; until then each holds the sum it starts from, and the histogram is 0.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.macd_averages(
    p_first integer, p_close double precision[],
    p_fast double precision, p_slow double precision, p_signal double precision,
    out ema_fast double precision[], out ema_slow double precision[], out ema_signal double precision[],
    out hist double precision[]
)
language plpgsql
immutable
parallel safe
cost 100000
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0; c_signal constant double precision := 2 / 10::double precision;
    c_fast constant double precision := 2 / 13::double precision; c_slow constant double precision := 2 / 27::double precision;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    n integer;
begin
    ema_fast := array_fill(c_zero, array[v_count + 1], array[0]); ema_slow := ema_fast; ema_signal := ema_fast;
    hist := array_fill(c_zero, array[v_count]);
    ema_fast[0] := coalesce(p_fast, c_zero); ema_slow[0] := coalesce(p_slow, c_zero); ema_signal[0] := coalesce(p_signal, c_zero);
    for i in 1 .. least(v_count, 35 - p_first) loop
        n := p_first - 1 + i;
        ema_fast[i] := case when n > 26 then (p_close[i] - ema_fast[i - 1]) * c_fast + ema_fast[i - 1]
            when n = 26 then (ema_fast[i - 1] + p_close[i]) / 12 when n > 14 then ema_fast[i - 1] + p_close[i] else c_zero end;
        ema_slow[i] := case when n > 26 then (p_close[i] - ema_slow[i - 1]) * c_slow + ema_slow[i - 1]
            when n = 26 then (ema_slow[i - 1] + p_close[i]) / 26 else ema_slow[i - 1] + p_close[i] end;
        ema_signal[i] := case when n > 25 then ema_signal[i - 1] + (ema_fast[i] - ema_slow[i]) else c_zero end
            / case when n = 34 then 9 else 1 end;
        hist[i] := case when n = 34 then ema_fast[i] - ema_slow[i] - ema_signal[i] else c_zero end;
    end loop;
    for i in greatest(1, 36 - p_first) .. v_count loop
        ema_fast[i] := (p_close[i] - ema_fast[i - 1]) * c_fast + ema_fast[i - 1];
        ema_slow[i] := (p_close[i] - ema_slow[i - 1]) * c_slow + ema_slow[i - 1];
        ema_signal[i] := (ema_fast[i] - ema_slow[i] - ema_signal[i - 1]) * c_signal + ema_signal[i - 1];
        hist[i] := ema_fast[i] - ema_slow[i] - ema_signal[i];
    end loop;
    ema_fast := ema_fast[1:]; ema_slow := ema_slow[1:]; ema_signal := ema_signal[1:];
end;
$$;
comment on function calc.macd_averages(integer, double precision[], double precision, double precision, double precision) is
'An element per close: the 12-row and the 26-row average and the 9-row average of their difference, which the next row '
'continues from, and the histogram, the difference less its average (USD, F9 series; 0 up to row 33, where the averages '
'hold sums).';

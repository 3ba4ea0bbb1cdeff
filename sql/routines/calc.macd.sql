-- calc.macd(…): MACD 12/26/9 of one symbol, with the deviation of its histogram over 126 rows.
-- What: one pass over the closes of rows p_first, p_first + 1, …, continued from the state of row p_first - 1.
-- Why: ruling T1. It starts as TA-Lib's: each average with the simple mean of its first n, the fast one so that both exist from row
--      26, all three lines from row 34; until then a state column holds the sum it starts from. The histogram's window sums are
--      taken in blocks of 126: the prefix of the present block plus what is left of the one before. So no rounding lives longer
--      than two windows, whatever prices the series has seen, and a row's bits depend on its number, not on where a run began.
--      p_hist_126, p_square_126: prefixes 126 rows before, from row greatest(1, p_first - 126) on; null when p_first is 1.
-- Called by: dbt features.feat_trend. Raises: nothing.
create or replace function calc.macd(
    p_first integer, p_close double precision[],
    p_ema_fast double precision, p_ema_slow double precision, p_ema_signal double precision,
    p_hist_prefix double precision, p_hist_block double precision, p_hist_126 double precision[],
    p_square_prefix double precision, p_square_block double precision, p_square_126 double precision[]
)
returns table (
    macd double precision, macd_signal double precision, macd_hist double precision, macd_hist_sd_126 double precision,
    ema_fast double precision, ema_slow double precision, ema_signal double precision,
    hist_prefix double precision, hist_block double precision, square_prefix double precision, square_block double precision
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    c_fast constant double precision := 2 / 13::double precision;
    c_slow constant double precision := 2 / 27::double precision;
    c_signal constant double precision := 2 / 10::double precision;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_shift constant integer := greatest(0, 127 - p_first);
    v_hist double precision[] := array_fill(null::double precision, array[v_count]);
    v_square double precision[] := v_hist;
    v_sum double precision;
    n integer := p_first - 1;
begin
    ema_fast := coalesce(p_ema_fast, c_zero); ema_slow := coalesce(p_ema_slow, c_zero); ema_signal := coalesce(p_ema_signal, c_zero);
    hist_prefix := coalesce(p_hist_prefix, c_zero); hist_block := coalesce(p_hist_block, c_zero);
    square_prefix := coalesce(p_square_prefix, c_zero); square_block := coalesce(p_square_block, c_zero);
    for i in 1 .. v_count loop
        n := n + 1;
        if n > 34 then
            ema_fast := (p_close[i] - ema_fast) * c_fast + ema_fast;
            ema_slow := (p_close[i] - ema_slow) * c_slow + ema_slow;
            macd := ema_fast - ema_slow;
            ema_signal := (macd - ema_signal) * c_signal + ema_signal;
        else
            ema_fast := case when n > 26 then (p_close[i] - ema_fast) * c_fast + ema_fast
                when n = 26 then (ema_fast + p_close[i]) / 12 when n > 14 then ema_fast + p_close[i] else ema_fast end;
            ema_slow := case when n > 26 then (p_close[i] - ema_slow) * c_slow + ema_slow
                when n = 26 then (ema_slow + p_close[i]) / 26 else ema_slow + p_close[i] end;
            if n > 25 then ema_signal := ema_signal + (ema_fast - ema_slow); end if;
            if n = 34 then macd := ema_fast - ema_slow; ema_signal := ema_signal / 9; end if;
        end if;
        if n > 33 then
            macd_signal := ema_signal;
            macd_hist := macd - ema_signal;
            if (n - 34) % 126 = 0 then
                hist_block := hist_prefix; hist_prefix := c_zero; square_block := square_prefix; square_prefix := c_zero;
            end if;
            hist_prefix := hist_prefix + macd_hist;
            square_prefix := square_prefix + macd_hist * macd_hist;
            v_hist[i] := hist_prefix;
            v_square[i] := square_prefix;
            if n > 158 then
                v_sum := hist_prefix
                    + (hist_block - coalesce(case when i > 126 then v_hist[i - 126] else p_hist_126[i - v_shift] end, c_zero));
                macd_hist_sd_126 := sqrt(greatest(c_zero, square_prefix + (
                    square_block - coalesce(case when i > 126 then v_square[i - 126] else p_square_126[i - v_shift] end, c_zero)
                ) - v_sum * v_sum / 126) / 125);
            end if;
        end if;
        return next;
    end loop;
end;
$$;
comment on function calc.macd(
    integer, double precision[], double precision, double precision, double precision, double precision, double precision,
    double precision[], double precision, double precision, double precision[]
) is
'One row per close: MACD 12/26/9 line, signal and histogram (USD, F9 series; null in the first 33 rows), the histogram''s 126-row sample standard deviation (USD; null in the first 158), and the state the next row continues from.';

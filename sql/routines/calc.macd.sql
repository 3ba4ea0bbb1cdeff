-- calc.macd(…): MACD 12/26/9 of one symbol, with the deviation of its histogram over 126 rows.
-- What: one pass over the closes of rows p_first, p_first + 1, …, continued from the state of row p_first - 1.
-- Why: ruling T1. It starts as TA-Lib's: each average with the simple mean of its first n, the fast one so that both exist from row
--      26, all three lines from row 34; until then a state column holds the sum it starts from. The histogram's window sums are
--      taken in blocks of 126: the prefix of the present block plus what is left of the one before. So no rounding lives longer
--      than two windows, whatever prices the series has seen, and a row's bits depend on its number, not on where a run began.
--      p_hist_126, p_square_126: prefixes 126 rows before, from row greatest(1, p_first - 126) on; null when p_first is 1.
-- Called by: dbt features.feat_price. Raises: nothing.
create or replace function calc.macd(
    p_first integer, p_close double precision[],
    p_ema_fast double precision, p_ema_slow double precision, p_ema_signal double precision,
    p_hist_prefix double precision, p_hist_block double precision, p_hist_126 double precision[],
    p_square_prefix double precision, p_square_block double precision, p_square_126 double precision[],
    out macd double precision[], out macd_signal double precision[], out macd_hist double precision[],
    out macd_hist_sd_126 double precision[], out ema_fast double precision[], out ema_slow double precision[],
    out ema_signal double precision[], out hist_prefix double precision[], out hist_block double precision[],
    out square_prefix double precision[], out square_block double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0; c_signal constant double precision := 2 / 10::double precision;
    c_fast constant double precision := 2 / 13::double precision; c_slow constant double precision := 2 / 27::double precision;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_none constant double precision[] := array_fill(null::double precision, array[greatest(0, 127 - p_first)]);
    v_hist_block double precision := coalesce(p_hist_block, c_zero);
    v_square_block double precision := coalesce(p_square_block, c_zero);
    v_from integer := greatest(1, 35 - p_first); -- row 34, where all three lines begin, or a later one
    v_to integer; n integer;
begin
    ema_fast := array_fill(c_zero, array[v_count + 1], array[0]); ema_slow := ema_fast; ema_signal := ema_fast;
    hist_prefix := ema_fast; square_prefix := ema_fast;
    hist_block := array_fill(c_zero, array[least(v_from - 1, v_count)]); square_block := hist_block;
    ema_fast[0] := coalesce(p_ema_fast, c_zero); ema_slow[0] := coalesce(p_ema_slow, c_zero);
    ema_signal[0] := coalesce(p_ema_signal, c_zero);
    hist_prefix[0] := coalesce(p_hist_prefix, c_zero); square_prefix[0] := coalesce(p_square_prefix, c_zero);
    for i in 1 .. least(v_count, 35 - p_first) loop
        n := p_first - 1 + i;
        ema_fast[i] := case when n > 26 then (p_close[i] - ema_fast[i - 1]) * c_fast + ema_fast[i - 1]
            when n = 26 then (ema_fast[i - 1] + p_close[i]) / 12 when n > 14 then ema_fast[i - 1] + p_close[i] else c_zero end;
        ema_slow[i] := case when n > 26 then (p_close[i] - ema_slow[i - 1]) * c_slow + ema_slow[i - 1]
            when n = 26 then (ema_slow[i - 1] + p_close[i]) / 26 else ema_slow[i - 1] + p_close[i] end;
        ema_signal[i] := case when n > 25 then ema_signal[i - 1] + (ema_fast[i] - ema_slow[i]) else c_zero end
            / case when n = 34 then 9 else 1 end;
    end loop;
    for i in greatest(1, 36 - p_first) .. v_count loop
        ema_fast[i] := (p_close[i] - ema_fast[i - 1]) * c_fast + ema_fast[i - 1];
        ema_slow[i] := (p_close[i] - ema_slow[i - 1]) * c_slow + ema_slow[i - 1];
        ema_signal[i] := (ema_fast[i] - ema_slow[i] - ema_signal[i - 1]) * c_signal + ema_signal[i - 1];
    end loop;
    ema_fast := ema_fast[1:]; ema_slow := ema_slow[1:]; ema_signal := ema_signal[1:];
    macd_signal := array_fill(null::double precision, array[least(v_from - 1, v_count)]) || ema_signal[v_from:];
    -- What no row takes from the one before is a query: half the time of statements row by row (measured).
    select array_agg(case when e.signal is not null then e.fast - e.slow end), array_agg(e.fast - e.slow - e.signal)
    into macd, macd_hist
    from (select unnest(ema_fast) as fast, unnest(ema_slow) as slow, unnest(macd_signal) as signal) as e;
    -- Block by block, so that no row asks where its block begins.
    while v_from <= v_count loop
        v_to := least(v_count, v_from + 125 - (p_first + v_from - 35) % 126);
        if (p_first + v_from - 35) % 126 = 0 then
            v_hist_block := hist_prefix[v_from - 1]; hist_prefix[v_from] := macd_hist[v_from];
            v_square_block := square_prefix[v_from - 1]; square_prefix[v_from] := macd_hist[v_from] * macd_hist[v_from];
        else
            hist_prefix[v_from] := hist_prefix[v_from - 1] + macd_hist[v_from];
            square_prefix[v_from] := square_prefix[v_from - 1] + macd_hist[v_from] * macd_hist[v_from];
        end if;
        for i in v_from + 1 .. v_to loop
            hist_prefix[i] := hist_prefix[i - 1] + macd_hist[i];
            square_prefix[i] := square_prefix[i - 1] + macd_hist[i] * macd_hist[i];
        end loop;
        hist_block := hist_block || array_fill(v_hist_block, array[v_to - v_from + 1]);
        square_block := square_block || array_fill(v_square_block, array[v_to - v_from + 1]);
        v_from := v_to + 1;
    end loop;
    hist_prefix := hist_prefix[1:]; square_prefix := square_prefix[1:];
    -- h, q: sums of the histogram and of its squares; _126: 126 rows before. Rows 34 to 158 have a histogram, not 126 of them.
    select array_fill(null::double precision, array[least(v_count, greatest(0, 159 - p_first))])
        || (array_agg(sqrt(greatest(c_zero, u.q + (u.q_block - u.q_126)
            - (u.h + (u.h_block - u.h_126)) * (u.h + (u.h_block - u.h_126)) / 126) / 125)))[greatest(1, 160 - p_first):]
    into macd_hist_sd_126
    from (
            select
                unnest(hist_prefix) as h, unnest(hist_block) as h_block,
                unnest((v_none || p_hist_126 || hist_prefix)[:v_count]) as h_126,
                unnest(square_prefix) as q, unnest(square_block) as q_block,
                unnest((v_none || p_square_126 || square_prefix)[:v_count]) as q_126
        ) as u;
end;
$$;
comment on function calc.macd(
    integer, double precision[], double precision, double precision, double precision, double precision, double precision,
    double precision[], double precision, double precision, double precision[]
) is
'An element per close: MACD 12/26/9 line, signal and histogram (USD, F9 series; null in the first 33 rows), the histogram''s 126-row sample standard deviation (USD; null in the first 158), and the state the next row continues from.';

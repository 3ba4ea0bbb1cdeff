-- calc.volatility(…): realised volatility and drawdown of one symbol.
-- What: sample standard deviations of the last 20, 63 and 252 log returns, and the fall from the highest of the last 253 closes.
-- Why: rulings T3, T4. The sums of returns and of their squares run from row 2 on and a window is a difference of two of them: log
--      returns have no price scale, so twenty years cost 1e-13 of a variance. The highest close is carried with its row number;
--      when it leaves the window, the window is searched again.
--      p_sum_h, p_square_h: the running sums h rows before, from row greatest(1, p_first - h) on; null when p_first is 1.
--      p_window: closes from row greatest(1, p_first - 252) on, needed only where the carried highest leaves the window.
-- Called by: dbt features.feat_risk. Raises: nothing.
create or replace function calc.volatility(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_sum double precision, p_square double precision, p_highest double precision, p_highest_n integer,
    p_sum_20 double precision[], p_square_20 double precision[], p_sum_63 double precision[], p_square_63 double precision[],
    p_sum_252 double precision[], p_square_252 double precision[], p_window double precision[],
    out realized_vol_20 double precision[], out realized_vol_63 double precision[], out sd_252 double precision[],
    out drawdown_252 double precision[], out return_sum double precision[], out return_square double precision[],
    out highest double precision[], out highest_n integer[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    c_year constant double precision := sqrt(252::double precision);
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_before constant double precision[] := p_close_before || p_close;
    v_return double precision;
    -- Rows whose window is not full.
    v_none_20 constant double precision[] := array_fill(null::double precision, array[greatest(0, 21 - p_first)]);
    v_none_63 constant double precision[] := array_fill(null::double precision, array[greatest(0, 64 - p_first)]);
    v_none_252 constant double precision[] := array_fill(null::double precision, array[greatest(0, 253 - p_first)]);
    v_series constant double precision[] := p_window || p_close; -- element m - v_offset is row m
    v_offset constant integer := p_first - 1 - coalesce(cardinality(p_window), 0);
    v_highest double precision := coalesce(p_highest, c_zero);
    v_highest_n integer := coalesce(p_highest_n, 0);
    v_last_i integer := coalesce(p_highest_n, 0) + 253 - p_first; -- until when the highest is in the window
begin
    return_sum := array_fill(coalesce(p_sum, c_zero), array[v_count + 1], array[0]);
    return_square := array_fill(coalesce(p_square, c_zero), array[v_count + 1], array[0]);
    for i in greatest(1, 3 - p_first) .. v_count loop
        v_return := ln(p_close[i] / v_before[i]);
        return_sum[i] := return_sum[i - 1] + v_return;
        return_square[i] := return_square[i - 1] + v_return * v_return;
    end loop;
    return_sum := return_sum[1:]; return_square := return_square[1:];
    highest := array_fill(null::double precision, array[v_count]); highest_n := array_fill(0, array[v_count]);
    for i in 1 .. v_count loop
        if p_close[i] >= v_highest then
            v_highest := p_close[i]; v_highest_n := p_first - 1 + i; v_last_i := i + 252;
        elsif i > v_last_i then
            v_highest := c_zero;
            for m in p_first + i - 253 .. p_first + i - 1 loop
                if v_series[m - v_offset] >= v_highest then v_highest := v_series[m - v_offset]; v_highest_n := m; end if;
            end loop;
            v_last_i := v_highest_n + 253 - p_first;
        end if;
        highest[i] := v_highest; highest_n[i] := v_highest_n;
    end loop;
    -- What no row takes from the one before is one query: less than half the time of statements row by row (measured).
    select
        array_agg(case when w.s_20 is not null
            then sqrt(greatest(c_zero, w.q - w.q_20 - (w.s - w.s_20) * (w.s - w.s_20) / 20) / 19) * c_year end),
        array_agg(case when w.s_63 is not null
            then sqrt(greatest(c_zero, w.q - w.q_63 - (w.s - w.s_63) * (w.s - w.s_63) / 63) / 62) * c_year end),
        array_agg(case when w.s_252 is not null
            then sqrt(greatest(c_zero, w.q - w.q_252 - (w.s - w.s_252) * (w.s - w.s_252) / 252) / 251) end),
        array_agg(case when w.s_252 is not null then 1 - w.close / w.highest end)
    into realized_vol_20, realized_vol_63, sd_252, drawdown_252
    from (
            select
                unnest(p_close) as close, unnest(highest) as highest, unnest(return_sum) as s, unnest(return_square) as q,
                unnest((v_none_20 || p_sum_20 || return_sum)[:v_count]) as s_20,
                unnest((v_none_20 || p_square_20 || return_square)[:v_count]) as q_20,
                unnest((v_none_63 || p_sum_63 || return_sum)[:v_count]) as s_63,
                unnest((v_none_63 || p_square_63 || return_square)[:v_count]) as q_63,
                unnest((v_none_252 || p_sum_252 || return_sum)[:v_count]) as s_252,
                unnest((v_none_252 || p_square_252 || return_square)[:v_count]) as q_252
        ) as w;
end;
$$;
comment on function calc.volatility(
    integer, double precision[], double precision, double precision, double precision, double precision, integer,
    double precision[], double precision[], double precision[], double precision[], double precision[], double precision[],
    double precision[]
) is
'An element per close: sample deviation of the last 20 and 63 daily log returns x sqrt(252) (annual fraction), of the last 252 (daily fraction), 1 - P / highest of 253 closes (fraction, positive is a loss); null until the window is full; and the state the next row continues from.';

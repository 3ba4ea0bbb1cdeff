-- calc.volatility(…): realised volatility and drawdown of one symbol.
-- What: sample standard deviations of the last 20, 63 and 252 log returns, and the fall from the highest of the last 253 closes.
-- Why: rulings T3, T4. The sums of returns and of their squares run from row 2 on and a window is a difference of two of them: log
--      returns have no price scale, so twenty years cost 1e-13 of a variance. The highest close is carried with its row number;
--      when it leaves the window, the window is searched again.
--      p_sum_h, p_square_h: the running sums h rows before, from row greatest(1, p_first - h) on; null when p_first is 1.
--      p_window: closes from row greatest(1, p_first - 252) on, needed only where the carried highest leaves the window.
-- Called by: dbt features.feat_volatility. Raises: nothing.
create or replace function calc.volatility(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_sum double precision, p_square double precision, p_highest double precision, p_highest_n integer,
    p_sum_20 double precision[], p_square_20 double precision[], p_sum_63 double precision[], p_square_63 double precision[],
    p_sum_252 double precision[], p_square_252 double precision[], p_window double precision[]
)
returns table (
    realized_vol_20 double precision, realized_vol_63 double precision, sd_252 double precision, drawdown_252 double precision,
    return_sum double precision, return_square double precision, highest double precision, highest_n integer
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
    v_start constant integer := greatest(1, p_first - 252);
    v_sums double precision[] := array_fill(c_zero, array[v_count]);
    v_squares double precision[] := v_sums;
    v_return double precision;
    v_s double precision;
    v_q double precision;
    v_found double precision;
    n integer := p_first - 1;
begin
    return_sum := coalesce(p_sum, c_zero); return_square := coalesce(p_square, c_zero);
    highest := coalesce(p_highest, c_zero); highest_n := coalesce(p_highest_n, 0);
    -- One statement costs as much as five operations within one (measured): differences are taken twice rather than stored.
    for i in 1 .. v_count loop
        n := n + 1;
        v_return := coalesce(ln(p_close[i] / case when i > 1 then p_close[i - 1] else p_close_before end), c_zero);
        return_sum := return_sum + v_return;
        return_square := return_square + v_return * v_return;
        v_sums[i] := return_sum;
        v_squares[i] := return_square;
        if i > 252 then
            realized_vol_20 := sqrt(greatest(c_zero, return_square - v_squares[i - 20]
                - (return_sum - v_sums[i - 20]) * (return_sum - v_sums[i - 20]) / 20) / 19) * c_year;
            realized_vol_63 := sqrt(greatest(c_zero, return_square - v_squares[i - 63]
                - (return_sum - v_sums[i - 63]) * (return_sum - v_sums[i - 63]) / 63) / 62) * c_year;
            sd_252 := sqrt(greatest(c_zero, return_square - v_squares[i - 252]
                - (return_sum - v_sums[i - 252]) * (return_sum - v_sums[i - 252]) / 252) / 251);
        elsif n > 20 then
            v_s := return_sum - case when i > 20 then v_sums[i - 20] else p_sum_20[i - greatest(0, 21 - p_first)] end;
            v_q := return_square - case when i > 20 then v_squares[i - 20] else p_square_20[i - greatest(0, 21 - p_first)] end;
            realized_vol_20 := sqrt(greatest(c_zero, v_q - v_s * v_s / 20) / 19) * c_year;
            if n > 63 then
                v_s := return_sum - case when i > 63 then v_sums[i - 63] else p_sum_63[i - greatest(0, 64 - p_first)] end;
                v_q := return_square - case when i > 63 then v_squares[i - 63] else p_square_63[i - greatest(0, 64 - p_first)] end;
                realized_vol_63 := sqrt(greatest(c_zero, v_q - v_s * v_s / 63) / 62) * c_year;
            end if;
            if n > 252 then
                v_s := return_sum - p_sum_252[i - greatest(0, 253 - p_first)];
                v_q := return_square - p_square_252[i - greatest(0, 253 - p_first)];
                sd_252 := sqrt(greatest(c_zero, v_q - v_s * v_s / 252) / 251);
            end if;
        end if;
        if p_close[i] >= highest then
            highest := p_close[i]; highest_n := n;
        elsif highest_n < n - 252 then
            highest := c_zero;
            for m in n - 252 .. n loop
                v_found := case when m >= p_first then p_close[m - p_first + 1] else p_window[m - v_start + 1] end;
                if v_found >= highest then highest := v_found; highest_n := m; end if;
            end loop;
        end if;
        if n > 252 then drawdown_252 := 1 - p_close[i] / highest; end if;
        return next;
    end loop;
end;
$$;
comment on function calc.volatility(
    integer, double precision[], double precision, double precision, double precision, double precision, integer,
    double precision[], double precision[], double precision[], double precision[], double precision[], double precision[],
    double precision[]
) is
'One row per close: sample deviation of the last 20 and 63 daily log returns x sqrt(252) (annual fraction), of the last 252 (daily fraction), 1 - P / highest of 253 closes (fraction, positive is a loss); null until the window is full; and the state the next row continues from.';

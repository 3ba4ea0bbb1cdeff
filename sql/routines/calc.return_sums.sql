-- calc.return_sums(first, close, …): running sums of one symbol's log returns, and the highest of its last 253 closes.
-- What: the sums of the returns and of their squares from row 2 on, continued from row p_first - 1; the highest close is
--      carried with its row number, and when it leaves the window, the window is searched again.
-- Why: rulings T3, T4. A window's variance is made of differences of the sums: log returns have no price scale, so twenty years
--      cost 1e-13 of it. p_window: closes from row greatest(1, p_first - 252) on, needed only where the carried highest leaves
--      the window.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.return_sums(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_sum double precision, p_square double precision, p_highest double precision, p_highest_n integer,
    p_window double precision[],
    out return_sum double precision[], out return_square double precision[],
    out highest double precision[], out highest_n integer[]
)
language plpgsql
immutable
parallel safe
cost 100000
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_before constant double precision[] := p_close_before || p_close;
    v_return double precision;
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
    highest := array_fill(v_highest, array[v_count]); highest_n := array_fill(v_highest_n, array[v_count]);
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
end;
$$;
comment on function calc.return_sums(
    integer, double precision[], double precision, double precision, double precision, double precision, integer,
    double precision[]
) is
'An element per close: the sums of the log returns since row 2 of the series and of their squares (fractions), the '
'highest of the last 253 closes (USD, F9 series) and its row number, which the next row continues from.';

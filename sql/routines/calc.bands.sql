-- calc.bands(first, close, from): Bollinger bands 20/2 of one symbol.
-- What: mean and population standard deviation of the last 20 closes; returned for rows p_from and later.
-- Why: ruling T1, TA-Lib's definition. Sums are of differences from the first close of the row's block of 20 (rows 1 to 20, 21 to
--      40, …): the present block's prefix plus the rest of the block before, summed anew at each block's start. So a flat price has
--      deviation 0 exactly, nothing accumulates, and no state is carried: the rows from the start of the block before p_from's
--      block on are enough (p_first, which must be the first row of a block).
-- Called by: dbt features.feat_bands. Raises: nothing.
create or replace function calc.bands(p_first integer, p_close double precision[], p_from integer)
returns table (
    bb_middle_20 double precision, bb_upper_20 double precision, bb_lower_20 double precision, sd_20 double precision
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    c_window constant double precision := 20;
    v_offset integer;
    v_reference double precision;
    v_difference double precision;
    v_sum double precision;
    v_square double precision;
    v_rest_sum double precision[] := array_fill(c_zero, array[21]);
    v_rest_square double precision[] := array_fill(c_zero, array[21]);
    v_mean double precision;
begin
    for i in 1 .. coalesce(cardinality(p_close), 0) loop
        v_offset := (i - 1) % 20 + 1;
        if v_offset = 1 then
            v_reference := p_close[i];
            v_sum := c_zero;
            v_square := c_zero;
            if i > 20 then
                -- What is left of the block before once the window has passed its first j - 1 closes.
                for j in reverse 20 .. 2 loop
                    v_difference := p_close[i - 21 + j] - v_reference;
                    v_rest_sum[j] := v_rest_sum[j + 1] + v_difference;
                    v_rest_square[j] := v_rest_square[j + 1] + v_difference * v_difference;
                end loop;
            end if;
        end if;
        v_difference := p_close[i] - v_reference;
        v_sum := v_sum + v_difference;
        v_square := v_square + v_difference * v_difference;
        if p_first + i > p_from then
            if p_first + i > 20 then
                v_mean := (v_sum + v_rest_sum[v_offset + 1]) / c_window;
                sd_20 := sqrt(greatest(c_zero, (v_square + v_rest_square[v_offset + 1]) / c_window - v_mean * v_mean));
                bb_middle_20 := v_reference + v_mean;
                bb_upper_20 := bb_middle_20 + 2 * sd_20;
                bb_lower_20 := bb_middle_20 - 2 * sd_20;
            end if;
            return next;
        end if;
    end loop;
end;
$$;
comment on function calc.bands(integer, double precision[], integer) is
'One row per close from row p_from on: 20-row mean, mean +- 2 population standard deviations, and that deviation (USD, F9 series); null in the first 19 rows of the series.';

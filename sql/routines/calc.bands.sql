-- calc.bands(first, close, from): Bollinger bands 20/2 of one symbol.
-- What: mean and population standard deviation of the last 20 closes; returned for rows p_from and later.
-- Why: ruling T1, TA-Lib's definition. Sums are of differences from the first close of the row's block of 20 (rows 1 to 20, 21 to
--      40, …): the present block's prefix plus the rest of the block before, summed anew at each block's start. So a flat price has
--      deviation 0 exactly, nothing accumulates, and no state is carried: the rows from the start of the block before p_from's
--      block on are enough (p_first, which must be the first row of a block).
-- Called by: dbt features.feat_price. Raises: nothing.
create or replace function calc.bands(
    p_first integer, p_close double precision[], p_from integer,
    out bb_middle_20 double precision[], out bb_upper_20 double precision[], out bb_lower_20 double precision[],
    out sd_20 double precision[]
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
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_reference double precision;
    v_difference double precision;
    v_sum double precision;
    v_square double precision;
    v_rest_sum double precision[] := array_fill(c_zero, array[21]);
    v_rest_square double precision[] := array_fill(c_zero, array[21]);
    v_mean double precision;
begin
    bb_middle_20 := array_fill(null::double precision, array[v_count]);
    sd_20 := bb_middle_20;
    -- Blocks from p_from's on; of the one before it only what is left of it is asked for.
    for b in (p_from - p_first) / 20 .. (v_count - 1) / 20 loop
        v_reference := p_close[20 * b + 1];
        v_sum := c_zero;
        v_square := c_zero;
        if b > 0 then
            -- What is left of the block before once the window has passed its first j - 1 closes.
            for j in reverse 20 .. greatest(2, p_from - p_first + 2 - 20 * b) loop
                v_difference := p_close[20 * b - 20 + j] - v_reference;
                v_rest_sum[j] := v_rest_sum[j + 1] + v_difference;
                v_rest_square[j] := v_rest_square[j + 1] + v_difference * v_difference;
            end loop;
        end if;
        for i in 20 * b + 1 .. least(20 * b + 20, v_count) loop
            v_difference := p_close[i] - v_reference;
            v_sum := v_sum + v_difference;
            v_square := v_square + v_difference * v_difference;
            if i > 19 then
                v_mean := (v_sum + v_rest_sum[i - 20 * b + 1]) / c_window;
                bb_middle_20[i] := v_reference + v_mean;
                sd_20[i] := sqrt(greatest(c_zero, (v_square + v_rest_square[i - 20 * b + 1]) / c_window - v_mean * v_mean));
            end if;
        end loop;
    end loop;
    bb_middle_20 := bb_middle_20[p_from - p_first + 1:];
    sd_20 := sd_20[p_from - p_first + 1:];
    select array_agg(b.middle + 2 * b.sd), array_agg(b.middle - 2 * b.sd)
    into bb_upper_20, bb_lower_20
    from (select unnest(bb_middle_20) as middle, unnest(sd_20) as sd) as b;
end;
$$;
comment on function calc.bands(integer, double precision[], integer) is
'An element per close from row p_from on: 20-row mean, mean +- 2 population standard deviations, and that deviation (USD, F9 series); null in the first 19 rows of the series.';

-- calc.window_mean(first, window, value, prefix, block, prefix_before): the mean of the last p_window values, row by row.
-- What: one pass over rows p_first, p_first + 1, …, continued from the state of row p_first - 1.
-- Why: the window's sum is taken in blocks of its length: the prefix of the present block plus what is left of the one before. So
--      no rounding lives longer than two windows, and a row's bits depend on its number in the series, not on where a run began.
--      p_prefix_before: prefixes p_window rows before, from row greatest(1, p_first - p_window) on; null when p_first is 1.
-- Called by: dbt features.feat_price. Raises: nothing.
create or replace function calc.window_mean(
    p_first integer, p_window integer, p_value double precision[],
    p_prefix double precision, p_block double precision, p_prefix_before double precision[],
    out mean double precision[], out prefix double precision[], out block double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    v_count constant integer := coalesce(cardinality(p_value), 0);
    v_shift constant integer := greatest(0, p_window + 1 - p_first);
    v_block double precision := coalesce(p_block, c_zero);
    v_prefix_before double precision[];
    v_from integer := 1;
    v_to integer;
begin
    mean := array_fill(null::double precision, array[v_count]);
    prefix := array_fill(coalesce(p_prefix, c_zero), array[v_count + 1], array[0]);
    block := '{}';
    -- Block by block, so that no row asks where its block begins.
    while v_from <= v_count loop
        v_to := least(v_count, v_from + p_window - 1 - (p_first + v_from - 2) % p_window);
        if (p_first + v_from - 2) % p_window = 0 then
            v_block := prefix[v_from - 1]; prefix[v_from] := p_value[v_from];
        else
            prefix[v_from] := prefix[v_from - 1] + p_value[v_from];
        end if;
        for i in v_from + 1 .. v_to loop
            prefix[i] := prefix[i - 1] + p_value[i];
        end loop;
        -- Element i is the prefix p_window rows before row i + v_shift, 0 before the first row.
        v_prefix_before := p_prefix_before || prefix[1:v_to - p_window];
        for i in greatest(v_from, v_shift) .. v_to loop
            mean[i] := (prefix[i] + (v_block - case when i > v_shift then v_prefix_before[i - v_shift] else c_zero end)) / p_window;
        end loop;
        block := block || array_fill(v_block, array[v_to - v_from + 1]);
        v_from := v_to + 1;
    end loop;
    prefix := prefix[1:];
end;
$$;
comment on function calc.window_mean(
    integer, integer, double precision[], double precision, double precision, double precision[]
) is
'An element per value: the mean of the last p_window values in the values'' unit (null in the first p_window - 1 rows of the series), and the state the next row continues from.';

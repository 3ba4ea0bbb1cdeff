-- calc.window_mean(first, window, value, prefix, block, prefix_before): the mean of the last p_window values, row by row.
-- What: one pass over rows p_first, p_first + 1, …, continued from the state of row p_first - 1.
-- Why: the window's sum is taken in blocks of its length: the prefix of the present block plus what is left of the one before. So
--      no rounding lives longer than two windows, and a row's bits depend on its number in the series, not on where a run began.
--      p_prefix_before: prefixes p_window rows before, from row greatest(1, p_first - p_window) on; null when p_first is 1.
-- Called by: dbt features.feat_trend. Raises: nothing.
create or replace function calc.window_mean(
    p_first integer, p_window integer, p_value double precision[],
    p_prefix double precision, p_block double precision, p_prefix_before double precision[]
)
returns table (mean double precision, prefix double precision, block double precision)
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
    v_prefixes double precision[] := array_fill(null::double precision, array[v_count]);
    n integer := p_first - 1;
begin
    prefix := coalesce(p_prefix, c_zero);
    block := coalesce(p_block, c_zero);
    for i in 1 .. v_count loop
        if n % p_window = 0 then
            block := prefix;
            prefix := c_zero;
        end if;
        n := n + 1;
        prefix := prefix + p_value[i];
        v_prefixes[i] := prefix;
        if n >= p_window then
            mean := (prefix + (block - coalesce(
                case when i > p_window then v_prefixes[i - p_window] else p_prefix_before[i - v_shift] end, c_zero
            ))) / p_window;
        end if;
        return next;
    end loop;
end;
$$;
comment on function calc.window_mean(
    integer, integer, double precision[], double precision, double precision, double precision[]
) is
'One row per value: the mean of the last p_window values in the values'' unit (null in the first p_window - 1 rows of the series), and the state the next row continues from.';

-- calc.true_range_means(first, high, low, close, close_before, mean): Wilder's average true range over 14 rows of one symbol.
-- What: true range = max(high, close before) - min(low, close before); mean = (13 x mean before + range) / 14, continued from
--      row p_first - 1. Why: ruling T1, ATR 14. It starts as TA-Lib's, with the simple mean of the first 14 true ranges (rows 2
--      to 15); until then the state holds their sum. An instrument that has only closes has no range: no array.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.true_range_means(
    p_first integer, p_high double precision[], p_low double precision[], p_close double precision[],
    p_close_before double precision, p_mean double precision
)
returns double precision[]
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
    -- The close before row i.
    v_before constant double precision[] := p_close_before || p_close;
    v_mean double precision[] := array_fill(c_zero, array[v_count + 1], array[0]);
begin
    if coalesce(cardinality(array_remove(p_high, null)), 0) = 0 then
        return null;
    end if;
    v_mean[0] := case when p_first = 1 then c_zero else p_mean end;
    for i in 1 .. least(v_count, 16 - p_first) loop
        v_mean[i] := (v_mean[i - 1] + case
            when p_high[i] is null or p_low[i] is null then null
            when p_first + i > 2 then greatest(p_high[i], v_before[i]) - least(p_low[i], v_before[i])
            else c_zero
        end) / case when p_first + i = 16 then 14 else 1 end;
    end loop;
    for i in greatest(1, 17 - p_first) .. v_count loop
        v_mean[i] := case when p_high[i] is not null and p_low[i] is not null
            then (v_mean[i - 1] * 13 + (greatest(p_high[i], v_before[i]) - least(p_low[i], v_before[i]))) / 14 end;
    end loop;
    return v_mean[1:];
end;
$$;
comment on function calc.true_range_means(
    integer, double precision[], double precision[], double precision[], double precision, double precision
) is
'An element per bar: Wilder''s mean true range over 14 rows (USD, F9 series; the sum up to row 14, null without high and '
'low), which the next row continues from; null where no bar has a high.';

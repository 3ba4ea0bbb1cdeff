-- calc.atr(first, high, low, close, close_before, range): Wilder's average true range over 14 rows of one symbol.
-- What: true range = max(high, close before) - min(low, close before); its Wilder average, continued from row p_first - 1.
-- Why: it starts as TA-Lib's, with the simple mean of the first 14 true ranges (rows 2 to 15); until then the state holds their
--      sum. An instrument that has only closes has no range: null all through.
-- Called by: dbt features.feat_risk. Raises: nothing.
create or replace function calc.atr(
    p_first integer, p_high double precision[], p_low double precision[], p_close double precision[],
    p_close_before double precision, p_range double precision,
    out atr_14 double precision[], out mean_range double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    -- The close before row i.
    v_before constant double precision[] := p_close_before || p_close;
begin
    mean_range := array_fill(null::double precision, array[v_count + 1], array[0]);
    mean_range[0] := case when p_first = 1 then c_zero else p_range end;
    for i in 1 .. least(v_count, 16 - p_first) loop
        mean_range[i] := (mean_range[i - 1] + case
            when p_high[i] is null or p_low[i] is null then null
            when p_first + i > 2 then greatest(p_high[i], v_before[i]) - least(p_low[i], v_before[i])
            else c_zero
        end) / case when p_first + i = 16 then 14 else 1 end;
    end loop;
    for i in greatest(1, 17 - p_first) .. v_count loop
        mean_range[i] := case when p_high[i] is not null and p_low[i] is not null
            then (mean_range[i - 1] * 13 + (greatest(p_high[i], v_before[i]) - least(p_low[i], v_before[i]))) / 14 end;
    end loop;
    mean_range := mean_range[1:];
    -- Rows 1 to 14 are the state's alone.
    atr_14 := array_fill(null::double precision, array[least(v_count, greatest(0, 15 - p_first))])
        || mean_range[greatest(1, 16 - p_first):];
end;
$$;
comment on function calc.atr(
    integer, double precision[], double precision[], double precision[], double precision, double precision
) is
'An element per bar: ATR 14 (USD, F9 series; null in the first 14 rows and without high and low), and the mean range the next row continues from.';

-- calc.atr(first, high, low, close, close_before, atr): Wilder's average true range over 14 rows of one symbol.
-- What: true range = max(high, close before) - min(low, close before); its Wilder average, continued from row p_first - 1.
-- Why: it starts as TA-Lib's, with the simple mean of the first 14 true ranges (rows 2 to 15); until then the state holds their
--      sum. An instrument that has only closes has no range: null all through.
-- Called by: dbt features.feat_volatility. Raises: nothing.
create or replace function calc.atr(
    p_first integer, p_high double precision[], p_low double precision[], p_close double precision[],
    p_close_before double precision, p_range double precision
)
returns table (atr_14 double precision, mean_range double precision)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    v_before double precision := p_close_before;
    v_range double precision;
    n integer := p_first - 1;
begin
    mean_range := case when p_first = 1 then c_zero else p_range end;
    for i in 1 .. coalesce(cardinality(p_close), 0) loop
        n := n + 1;
        if p_high[i] is null or p_low[i] is null then
            mean_range := null;
        elsif n > 1 then
            v_range := greatest(p_high[i], v_before) - least(p_low[i], v_before);
            mean_range := case
                when n > 15 then (mean_range * 13 + v_range) / 14
                when n = 15 then (mean_range + v_range) / 14
                else mean_range + v_range
            end;
        end if;
        v_before := p_close[i];
        if n > 14 then atr_14 := mean_range; end if;
        return next;
    end loop;
end;
$$;
comment on function calc.atr(
    integer, double precision[], double precision[], double precision[], double precision, double precision
) is
'One row per bar: ATR 14 (USD, F9 series; null in the first 14 rows and without high and low), and the mean range the next row continues from.';

-- calc.rsi(first, close, close_before, gain, loss): Wilder's RSI over 14 rows of one symbol.
-- What: 100 x mean gain / (mean gain + mean loss), continued from row p_first - 1. Why: ruling T1; it starts as TA-Lib's, with the
--      simple mean of the first 14 changes (row 15); until then the state columns hold the sums. Without any change in the window
--      it is 0, as TA-Lib's.
-- Called by: dbt features.feat_trend. Raises: nothing.
create or replace function calc.rsi(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_gain double precision, p_loss double precision
)
returns table (rsi_14 double precision, gain double precision, loss double precision)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    c_hundred constant double precision := 100;
    v_change double precision;
    n integer := p_first - 1;
begin
    gain := coalesce(p_gain, c_zero);
    loss := coalesce(p_loss, c_zero);
    for i in 1 .. coalesce(cardinality(p_close), 0) loop
        n := n + 1;
        v_change := coalesce(p_close[i] - case when i > 1 then p_close[i - 1] else p_close_before end, c_zero);
        if n > 15 then
            gain := (gain * 13 + greatest(v_change, c_zero)) / 14;
            loss := (loss * 13 + (greatest(v_change, c_zero) - v_change)) / 14;
        else
            gain := gain + greatest(v_change, c_zero);
            loss := loss + (greatest(v_change, c_zero) - v_change);
            if n = 15 then
                gain := gain / 14;
                loss := loss / 14;
            end if;
        end if;
        if n > 14 then
            rsi_14 := case when gain + loss > 0 then c_hundred * (gain / (gain + loss)) else c_zero end;
        end if;
        return next;
    end loop;
end;
$$;
comment on function calc.rsi(integer, double precision[], double precision, double precision, double precision) is
'One row per close: RSI 14 (0 to 100, null in the first 14 rows of the series), and the mean gain and loss (USD, F9 series; sums up to row 14) the next row continues from.';

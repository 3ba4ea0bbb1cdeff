-- calc.rsi(first, close, close_before, gain, loss): Wilder's RSI over 14 rows of one symbol.
-- What: 100 x mean gain / (mean gain + mean loss), continued from row p_first - 1. Why: ruling T1; it starts as TA-Lib's, with the
--      simple mean of the first 14 changes (row 15); until then the state holds the sums. Without any change in the window it is
--      0, as TA-Lib's.
-- Called by: dbt features.feat_price. Raises: nothing.
create or replace function calc.rsi(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_gain double precision, p_loss double precision,
    out rsi_14 double precision[], out gain double precision[], out loss double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    c_hundred constant double precision := 100;
    v_count constant integer := coalesce(cardinality(p_close), 0);
    -- The close before row i.
    v_before constant double precision[] := p_close_before || p_close;
    v_change double precision;
begin
    rsi_14 := array_fill(null::double precision, array[v_count]);
    gain := array_fill(c_zero, array[v_count + 1], array[0]);
    loss := gain;
    gain[0] := coalesce(p_gain, c_zero);
    loss[0] := coalesce(p_loss, c_zero);
    for i in 1 .. least(v_count, 16 - p_first) loop
        v_change := coalesce(p_close[i] - v_before[i], c_zero);
        gain[i] := (gain[i - 1] + greatest(v_change, c_zero)) / case when p_first + i = 16 then 14 else 1 end;
        loss[i] := (loss[i - 1] + (greatest(v_change, c_zero) - v_change)) / case when p_first + i = 16 then 14 else 1 end;
    end loop;
    for i in greatest(1, 17 - p_first) .. v_count loop
        gain[i] := (gain[i - 1] * 13 + greatest(p_close[i] - v_before[i], c_zero)) / 14;
        loss[i] := (loss[i - 1] * 13 + greatest(v_before[i] - p_close[i], c_zero)) / 14;
    end loop;
    for i in greatest(1, 16 - p_first) .. v_count loop
        rsi_14[i] := coalesce(c_hundred * (gain[i] / nullif(gain[i] + loss[i], c_zero)), c_zero);
    end loop;
    gain := gain[1:];
    loss := loss[1:];
end;
$$;
comment on function calc.rsi(integer, double precision[], double precision, double precision, double precision) is
'An element per close: RSI 14 (0 to 100, null in the first 14 rows of the series), and the mean gain and loss (USD, F9 series; sums up to row 14) the next row continues from.';

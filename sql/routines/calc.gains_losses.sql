-- calc.gains_losses(first, close, close_before, gain, loss): Wilder's means of the gains and the losses of one symbol, over 14
--      rows.
-- What: mean = (13 x mean before + gain) / 14, continued from row p_first - 1; the same of losses. Why: ruling T1, of which RSI
--      14 is 100 x gain / (gain + loss). It starts as TA-Lib's, with the simple mean of the first 14 changes (row 15); until
--      then the state holds the sums.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.gains_losses(
    p_first integer, p_close double precision[], p_close_before double precision,
    p_gain double precision, p_loss double precision,
    out gain double precision[], out loss double precision[]
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
    -- The close before row i.
    v_before constant double precision[] := p_close_before || p_close;
    v_change double precision;
begin
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
    gain := gain[1:];
    loss := loss[1:];
end;
$$;
comment on function calc.gains_losses(integer, double precision[], double precision, double precision, double precision) is
'An element per close: Wilder''s mean gain and mean loss over 14 rows (USD, F9 series; sums up to row 14), which the next'
' row continues from.';

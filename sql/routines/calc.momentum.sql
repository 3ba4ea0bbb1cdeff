-- calc.momentum(first, close, close_21, close_63, close_252): the momentum family of one symbol.
-- What: ln(P / P_-h) for h = 21, 63, 252 sessions of the F9 series; null in the first h rows. Why: ruling T1.
--      p_close holds rows p_first, p_first + 1, …. For the first h of them the close h rows before lies outside p_close and stands
--      in p_close_h, which begins at row greatest(1, p_first - h); null when p_first is 1.
-- Called by: dbt features.feat_price. Raises: nothing.
create or replace function calc.momentum(
    p_first integer, p_close double precision[],
    p_close_21 double precision[], p_close_63 double precision[], p_close_252 double precision[],
    out momentum_21 double precision[], out momentum_63 double precision[], out momentum_252 double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_shift_21 constant integer := greatest(0, 22 - p_first);
    v_shift_63 constant integer := greatest(0, 64 - p_first);
    v_shift_252 constant integer := greatest(0, 253 - p_first);
begin
    momentum_21 := array_fill(null::double precision, array[v_count]);
    momentum_63 := momentum_21;
    momentum_252 := momentum_21;
    for i in 1 .. least(v_count, 252) loop
        momentum_21[i] := ln(p_close[i] / case when i > 21 then p_close[i - 21] else p_close_21[i - v_shift_21] end);
        momentum_63[i] := ln(p_close[i] / case when i > 63 then p_close[i - 63] else p_close_63[i - v_shift_63] end);
        momentum_252[i] := ln(p_close[i] / p_close_252[i - v_shift_252]);
    end loop;
    for i in 253 .. v_count loop
        momentum_21[i] := ln(p_close[i] / p_close[i - 21]);
        momentum_63[i] := ln(p_close[i] / p_close[i - 63]);
        momentum_252[i] := ln(p_close[i] / p_close[i - 252]);
    end loop;
end;
$$;
comment on function calc.momentum(integer, double precision[], double precision[], double precision[], double precision[]) is
'An element per close: ln(P / P_-h), dimensionless, for h = 21, 63, 252 sessions; null in the first h rows of the series.';

-- calc.market(…): the market family of one symbol: its benchmark's return and its beta to it.
-- What: market_return = benchmark's simple return from the symbol's row before to this one, null where the benchmark has no close
--      on either session; beta = slope of the least-squares line of the symbol's simple returns on these, over the pairs of the last
--      252 rows, at least 120 of them. Why: ruling A13: a shock is a simple return. Both returns span the same sessions, so a
--      missing bar shifts nothing. Sums of pairs run from row 2 on; a window is a difference of two of them.
--      p_market_*: the benchmark on p_sessions, element by element (calc.on_sessions); p_*_252: the running sums 252 rows before,
--      from row greatest(1, p_first - 252) on; null when p_first is 1.
-- Called by: dbt features.feat_risk. Raises: nothing.
create or replace function calc.market(
    p_first integer, p_known_at timestamptz, p_recorded_at timestamptz,
    p_known_ats timestamptz[], p_recorded_ats timestamptz[], p_close double precision[],
    p_market_known_ats timestamptz[], p_market_recorded_ats timestamptz[], p_market double precision[],
    p_close_before double precision, p_market_before double precision,
    p_pairs integer, p_x double precision, p_y double precision, p_xx double precision, p_xy double precision,
    p_pairs_252 integer[], p_x_252 double precision[], p_y_252 double precision[], p_xx_252 double precision[],
    p_xy_252 double precision[],
    out known_at timestamptz[], out recorded_at timestamptz[], out market_return double precision[],
    out beta_252 double precision[], out pairs integer[],
    out sum_x double precision[], out sum_y double precision[], out sum_xx double precision[], out sum_xy double precision[]
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
    v_shift constant integer := greatest(0, 253 - p_first);
    v_close constant double precision[] := p_close_before || p_close;
    v_market constant double precision[] := p_market_before || p_market;
    v_x double precision;
    v_y double precision;
    v_m double precision;
    v_sx double precision;
    v_spread double precision;
    -- Element i: the sums 252 rows before row i, nothing before the first row.
    v_pairs_252 integer[] := array_fill(0, array[v_shift]) || p_pairs_252;
    v_x_252 double precision[] := array_fill(c_zero, array[v_shift]) || p_x_252;
    v_y_252 double precision[] := array_fill(c_zero, array[v_shift]) || p_y_252;
    v_xx_252 double precision[] := array_fill(c_zero, array[v_shift]) || p_xx_252;
    v_xy_252 double precision[] := array_fill(c_zero, array[v_shift]) || p_xy_252;
begin
    known_at := array_fill(coalesce(p_known_at, '-infinity'), array[v_count + 1], array[0]);
    recorded_at := array_fill(coalesce(p_recorded_at, '-infinity'), array[v_count + 1], array[0]);
    market_return := array_fill(null::double precision, array[v_count]); beta_252 := market_return;
    pairs := array_fill(coalesce(p_pairs, 0), array[v_count + 1], array[0]);
    sum_x := array_fill(coalesce(p_x, c_zero), array[v_count + 1], array[0]);
    sum_y := array_fill(coalesce(p_y, c_zero), array[v_count + 1], array[0]);
    sum_xx := array_fill(coalesce(p_xx, c_zero), array[v_count + 1], array[0]);
    sum_xy := array_fill(coalesce(p_xy, c_zero), array[v_count + 1], array[0]);
    -- One statement costs as much as several operations within one (measured): few, long ones.
    for i in 1 .. v_count loop
        known_at[i] := greatest(known_at[i - 1], p_known_ats[i], p_market_known_ats[i]);
        recorded_at[i] := greatest(recorded_at[i - 1], p_recorded_ats[i], p_market_recorded_ats[i]);
        v_x := v_market[i + 1] / v_market[i] - 1;
        if v_x is null then
            pairs[i] := pairs[i - 1];
            sum_x[i] := sum_x[i - 1]; sum_y[i] := sum_y[i - 1]; sum_xx[i] := sum_xx[i - 1]; sum_xy[i] := sum_xy[i - 1];
        else
            v_y := v_close[i + 1] / v_close[i] - 1;
            market_return[i] := v_x;
            pairs[i] := pairs[i - 1] + 1;
            sum_x[i] := sum_x[i - 1] + v_x;
            sum_y[i] := sum_y[i - 1] + v_y;
            sum_xx[i] := sum_xx[i - 1] + v_x * v_x;
            sum_xy[i] := sum_xy[i - 1] + v_x * v_y;
        end if;
    end loop;
    known_at := known_at[1:]; recorded_at := recorded_at[1:]; pairs := pairs[1:];
    sum_x := sum_x[1:]; sum_y := sum_y[1:]; sum_xx := sum_xx[1:]; sum_xy := sum_xy[1:];
    v_pairs_252 := v_pairs_252 || pairs; v_x_252 := v_x_252 || sum_x; v_y_252 := v_y_252 || sum_y;
    v_xx_252 := v_xx_252 || sum_xx; v_xy_252 := v_xy_252 || sum_xy;
    for i in 1 .. v_count loop
        v_m := pairs[i] - v_pairs_252[i];
        if v_m >= 120 then
            v_sx := sum_x[i] - v_x_252[i];
            v_spread := sum_xx[i] - v_xx_252[i] - v_sx * v_sx / v_m;
            beta_252[i] := (sum_xy[i] - v_xy_252[i] - v_sx * (sum_y[i] - v_y_252[i]) / v_m)
                / case when v_spread > 0 then v_spread end;
        end if;
    end loop;
end;
$$;
comment on function calc.market(
    integer, timestamptz, timestamptz, timestamptz[], timestamptz[], double precision[], timestamptz[], timestamptz[],
    double precision[], double precision, double precision, integer, double precision, double precision, double precision,
    double precision, integer[], double precision[], double precision[], double precision[], double precision[]
) is
'An element per close: running maxima of known_at and recorded_at, the benchmark''s simple return since the row before (fraction), beta over the pairs of the last 252 rows (dimensionless, null under 120 pairs), and the state the next row continues from.';

-- calc.market(…): the market family of one symbol: its benchmark's return and its beta to it.
-- What: market_return = benchmark's simple return from the symbol's row before to this one, null where the benchmark has no close
--      on either session; beta = slope of the least-squares line of the symbol's simple returns on these, over the pairs of the last
--      252 rows, at least 120 of them. Why: ruling A13: a shock is a simple return. Both returns span the same sessions, so a
--      missing bar shifts nothing. Sums of pairs run from row 2 on; a window is a difference of two of them.
--      p_*_252: the running sums 252 rows before, from row greatest(1, p_first - 252) on; null when p_first is 1.
-- Called by: dbt features.feat_market. Raises: nothing.
create or replace function calc.market(
    p_first integer, p_known_at timestamptz, p_recorded_at timestamptz,
    p_known_ats timestamptz[], p_recorded_ats timestamptz[],
    p_close double precision[], p_market double precision[], p_close_before double precision, p_market_before double precision,
    p_pairs integer, p_x double precision, p_y double precision, p_xx double precision, p_xy double precision,
    p_pairs_252 integer[], p_x_252 double precision[], p_y_252 double precision[], p_xx_252 double precision[],
    p_xy_252 double precision[]
)
returns table (
    known_at timestamptz, recorded_at timestamptz, market_return double precision, beta_252 double precision,
    pairs integer, sum_x double precision, sum_y double precision, sum_xx double precision, sum_xy double precision
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
    v_x double precision[] := array_fill(c_zero, array[v_count]);
    v_y double precision[] := v_x;
    v_xx double precision[] := v_x;
    v_xy double precision[] := v_x;
    v_pairs integer[] := array_fill(0, array[v_count]);
    v_return double precision;
    v_m double precision;
    v_sx double precision;
    v_spread double precision;
    v_inside boolean;
begin
    known_at := coalesce(p_known_at, '-infinity'); recorded_at := coalesce(p_recorded_at, '-infinity');
    pairs := coalesce(p_pairs, 0); sum_x := coalesce(p_x, c_zero); sum_y := coalesce(p_y, c_zero);
    sum_xx := coalesce(p_xx, c_zero); sum_xy := coalesce(p_xy, c_zero);
    -- One statement costs as much as several operations within one (measured): few, long ones.
    for i in 1 .. v_count loop
        known_at := greatest(known_at, p_known_ats[i]);
        recorded_at := greatest(recorded_at, p_recorded_ats[i]);
        market_return := p_market[i] / case when i > 1 then p_market[i - 1] else p_market_before end - 1;
        if market_return is not null then
            v_return := p_close[i] / case when i > 1 then p_close[i - 1] else p_close_before end - 1;
            pairs := pairs + 1;
            sum_x := sum_x + market_return; sum_y := sum_y + v_return;
            sum_xx := sum_xx + market_return * market_return; sum_xy := sum_xy + market_return * v_return;
        end if;
        v_pairs[i] := pairs; v_x[i] := sum_x; v_y[i] := sum_y; v_xx[i] := sum_xx; v_xy[i] := sum_xy;
        v_inside := i > 252;
        v_m := pairs - coalesce(case when v_inside then v_pairs[i - 252] else p_pairs_252[i - v_shift] end, 0);
        if v_m >= 120 then
            v_sx := sum_x - coalesce(case when v_inside then v_x[i - 252] else p_x_252[i - v_shift] end, c_zero);
            v_spread := sum_xx - coalesce(case when v_inside then v_xx[i - 252] else p_xx_252[i - v_shift] end, c_zero)
                - v_sx * v_sx / v_m;
            beta_252 := case when v_spread > 0 then (
                sum_xy - coalesce(case when v_inside then v_xy[i - 252] else p_xy_252[i - v_shift] end, c_zero)
                - v_sx * (sum_y - coalesce(case when v_inside then v_y[i - 252] else p_y_252[i - v_shift] end, c_zero)) / v_m
            ) / v_spread end;
        else
            beta_252 := null;
        end if;
        return next;
    end loop;
end;
$$;
comment on function calc.market(
    integer, timestamptz, timestamptz, timestamptz[], timestamptz[], double precision[], double precision[],
    double precision, double precision, integer, double precision, double precision, double precision, double precision,
    integer[], double precision[], double precision[], double precision[], double precision[]
) is
'One row per close: running maxima of known_at and recorded_at, the benchmark''s simple return since the row before (fraction), beta over the pairs of the last 252 rows (dimensionless, null under 120 pairs), and the state the next row continues from.';

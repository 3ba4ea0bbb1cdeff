-- calc.pair_sums(close, market, …): running sums of one symbol's returns paired with its benchmark's.
-- What: simple returns since the row before, x of the benchmark, y of the symbol; where both exist they are a pair, counted and
--      summed from row 2 on, continued from the row before the first given.
-- Why: ruling A13. Beta over 252 rows is made of differences of these sums; returns have no price scale, so twenty years cost it
--      1e-13. p_market: the benchmark's close on the row's session, 0 where it has none.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.pair_sums(
    p_close double precision[], p_market double precision[], p_close_before double precision, p_market_before double precision,
    p_pairs double precision, p_x double precision, p_y double precision, p_xx double precision, p_xy double precision,
    out pairs double precision[], out sum_x double precision[], out sum_y double precision[], out sum_xx double precision[],
    out sum_xy double precision[]
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
    v_close constant double precision[] := p_close_before || p_close;
    v_market constant double precision[] := coalesce(p_market_before, c_zero) || p_market;
    v_x double precision;
    v_y double precision;
begin
    pairs := array_fill(coalesce(p_pairs, c_zero), array[v_count + 1], array[0]);
    sum_x := array_fill(coalesce(p_x, c_zero), array[v_count + 1], array[0]);
    sum_y := array_fill(coalesce(p_y, c_zero), array[v_count + 1], array[0]);
    sum_xx := array_fill(coalesce(p_xx, c_zero), array[v_count + 1], array[0]);
    sum_xy := array_fill(coalesce(p_xy, c_zero), array[v_count + 1], array[0]);
    for i in 1 .. v_count loop
        if v_market[i] = 0 or v_market[i + 1] = 0 then
            pairs[i] := pairs[i - 1];
            sum_x[i] := sum_x[i - 1]; sum_y[i] := sum_y[i - 1]; sum_xx[i] := sum_xx[i - 1]; sum_xy[i] := sum_xy[i - 1];
        else
            v_x := v_market[i + 1] / v_market[i] - 1;
            v_y := v_close[i + 1] / v_close[i] - 1;
            pairs[i] := pairs[i - 1] + 1;
            sum_x[i] := sum_x[i - 1] + v_x;
            sum_y[i] := sum_y[i - 1] + v_y;
            sum_xx[i] := sum_xx[i - 1] + v_x * v_x;
            sum_xy[i] := sum_xy[i - 1] + v_x * v_y;
        end if;
    end loop;
    pairs := pairs[1:]; sum_x := sum_x[1:]; sum_y := sum_y[1:]; sum_xx := sum_xx[1:]; sum_xy := sum_xy[1:];
end;
$$;
comment on function calc.pair_sums(
    double precision[], double precision[], double precision, double precision, double precision, double precision,
    double precision, double precision, double precision
) is
'An element per close: since row 2 of the series the number of pairs of simple returns, x of the benchmark and y of the '
'symbol (fractions), and their sums of x, y, x² and xy, which the next row continues from.';

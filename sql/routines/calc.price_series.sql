-- calc.price_series(…): the series of ruling F9 of one symbol, row by row, with what is known of it and since when.
-- What: stored prices x cumulative action factors (calc.price_factors), and the running maxima of known_at and recorded_at over
--      everything a row depends on. Why: all families read this series; the running recorded_at is what they find changes by.
--      An action that does not count (another provider's) still moves recorded_at, else it would look new for ever; it does not
--      move known_at, because no number depends on it.
-- Called by: dbt features.adjusted_prices. Raises: nothing; arrays are ordered as in calc.price_factors.
create or replace function calc.price_series(
    p_anchor date, p_factor double precision, p_known_at timestamptz, p_recorded_at timestamptz,
    p_sessions date[], p_providers text[], p_close double precision[], p_high double precision[], p_low double precision[],
    p_known_ats timestamptz[], p_recorded_ats timestamptz[],
    p_ex_dates date[], p_action_providers text[], p_factors double precision[],
    p_action_known_ats timestamptz[], p_action_recorded_ats timestamptz[]
)
returns table (
    session date, known_at timestamptz, recorded_at timestamptz, close double precision, factor double precision,
    close_adj double precision, high_adj double precision, low_adj double precision
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_actions constant integer := coalesce(cardinality(p_ex_dates), 0);
    v_cumulative constant double precision[] := calc.price_factors(
        p_anchor, p_factor, p_sessions, p_providers, p_ex_dates, p_action_providers, p_factors
    );
    v_next integer := 1;
begin
    known_at := coalesce(p_known_at, '-infinity');
    recorded_at := coalesce(p_recorded_at, '-infinity');
    for i in 1 .. coalesce(cardinality(p_sessions), 0) loop
        session := p_sessions[i];
        while v_next <= v_actions and p_ex_dates[v_next] <= session loop
            recorded_at := greatest(recorded_at, p_action_recorded_ats[v_next]);
            if p_ex_dates[v_next] > p_anchor and p_action_providers[v_next] = p_providers[i] then
                known_at := greatest(known_at, p_action_known_ats[v_next]);
            end if;
            v_next := v_next + 1;
        end loop;
        known_at := greatest(known_at, p_known_ats[i]);
        recorded_at := greatest(recorded_at, p_recorded_ats[i]);
        close := p_close[i];
        factor := v_cumulative[i];
        close_adj := close * factor;
        high_adj := p_high[i] * factor;
        low_adj := p_low[i] * factor;
        return next;
    end loop;
end;
$$;
comment on function calc.price_series(
    date, double precision, timestamptz, timestamptz, date[], text[], double precision[], double precision[], double precision[],
    timestamptz[], timestamptz[], date[], text[], double precision[], timestamptz[], timestamptz[]
) is
'One row per given session, ascending: the F9 series (USD x factor) of one symbol, continued from the carried factor, known_at and recorded_at of the row before (anchor = first stored session, factor 1 and nulls at the start).';

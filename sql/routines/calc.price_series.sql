-- calc.price_series(…): the series of ruling F9 of one symbol, with what is known of it and since when.
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
    p_action_known_ats timestamptz[], p_action_recorded_ats timestamptz[],
    out known_at timestamptz[], out recorded_at timestamptz[], out factor double precision[],
    out close_adj double precision[], out high_adj double precision[], out low_adj double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count constant integer := coalesce(cardinality(p_sessions), 0);
    v_known timestamptz := coalesce(p_known_at, '-infinity');
    v_recorded timestamptz := coalesce(p_recorded_at, '-infinity');
    v_next integer := 1;
    v_ex_date date := p_ex_dates[1];
begin
    factor := calc.price_factors(p_anchor, p_factor, p_sessions, p_providers, p_ex_dates, p_action_providers, p_factors);
    known_at := p_known_ats; recorded_at := p_recorded_ats;
    close_adj := array_fill(null::double precision, array[v_count]); high_adj := close_adj; low_adj := close_adj;
    for i in 1 .. v_count loop
        while v_ex_date <= p_sessions[i] loop
            v_recorded := greatest(v_recorded, p_action_recorded_ats[v_next]);
            if v_ex_date > p_anchor and p_action_providers[v_next] = p_providers[i] then
                v_known := greatest(v_known, p_action_known_ats[v_next]);
            end if;
            v_next := v_next + 1;
            v_ex_date := p_ex_dates[v_next];
        end loop;
        v_known := greatest(v_known, p_known_ats[i]); known_at[i] := v_known;
        v_recorded := greatest(v_recorded, p_recorded_ats[i]); recorded_at[i] := v_recorded;
        close_adj[i] := p_close[i] * factor[i]; high_adj[i] := p_high[i] * factor[i]; low_adj[i] := p_low[i] * factor[i];
    end loop;
end;
$$;
comment on function calc.price_series(
    date, double precision, timestamptz, timestamptz, date[], text[], double precision[], double precision[], double precision[],
    timestamptz[], timestamptz[], date[], text[], double precision[], timestamptz[], timestamptz[]
) is
'An element per given session, ascending: the F9 series (USD x factor) of one symbol, continued from the carried factor, known_at and recorded_at of the row before (anchor = first stored session, factor 1 and nulls at the start).';

-- calc.price_factors(anchor, start, sessions, providers, ex_dates, action_providers, factors): ruling F9's cumulative factors.
-- What: for every session the product, left to right in double precision from p_start, of the action factors that apply to it.
-- Why: the features and market.panel must agree to the bit, so the rule and its order of multiplication stand once, here:
--      an action takes effect on the first given session on or after its ex-date, and counts only if the bar elected for that
--      session comes from the same provider (another provider's action on the same date is a second opinion, not a second split).
--      An action on or before p_anchor never counts: the series is anchored at its first stored session, and a later action
--      changes no earlier row.
-- Called by: calc.price_series, market.panel. Raises: nothing; the arrays must be ordered as the comment says.
create or replace function calc.price_factors(
    p_anchor date,
    p_start double precision,
    p_sessions date[],
    p_providers text[],
    p_ex_dates date[],
    p_action_providers text[],
    p_factors double precision[]
)
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sessions constant integer := coalesce(cardinality(p_sessions), 0);
    v_factor double precision := p_start;
    v_factors double precision[] := '{}';
    v_i integer;
begin
    for a in 1 .. coalesce(cardinality(p_ex_dates), 0) loop
        continue when p_ex_dates[a] <= p_anchor;
        v_i := width_bucket(p_ex_dates[a] - 1, p_sessions) + 1; -- sessions before the ex-date, and one
        exit when v_i > v_sessions;
        if p_action_providers[a] = p_providers[v_i] then
            v_factors := v_factors || array_fill(v_factor, array[v_i - 1 - cardinality(v_factors)]);
            v_factor := v_factor * p_factors[a];
        end if;
    end loop;
    return v_factors || array_fill(v_factor, array[v_sessions - cardinality(v_factors)]);
end;
$$;
comment on function calc.price_factors(date, double precision, date[], text[], date[], text[], double precision[]) is
'Cumulative price factors of ruling F9, one per session (dimensionless; adjusted = stored price x factor). p_anchor: '
'first stored session with p_start 1, or the last session kept with its factor. p_sessions ascending with the provider '
'elected for each; actions ordered by ex_date, kind descending (split before dividend), newest revision of each.';

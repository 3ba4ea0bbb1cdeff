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
    v_actions constant integer := coalesce(cardinality(p_ex_dates), 0);
    v_factor double precision := p_start;
    v_factors double precision[];
    v_next integer := 1;
begin
    if v_sessions = 0 then
        return '{}';
    end if;
    while v_next <= v_actions and p_ex_dates[v_next] <= p_anchor loop
        v_next := v_next + 1;
    end loop;
    if v_next > v_actions then
        return array_fill(p_start, array[v_sessions]);
    end if;
    v_factors := array_fill(p_start, array[v_sessions]);
    for i in 1 .. v_sessions loop
        while v_next <= v_actions and p_ex_dates[v_next] <= p_sessions[i] loop
            if p_action_providers[v_next] = p_providers[i] then
                v_factor := v_factor * p_factors[v_next];
            end if;
            v_next := v_next + 1;
        end loop;
        v_factors[i] := v_factor;
    end loop;
    return v_factors;
end;
$$;
comment on function calc.price_factors(date, double precision, date[], text[], date[], text[], double precision[]) is
'Cumulative price factors of ruling F9, one per session (dimensionless; adjusted = stored price x factor). p_anchor: first stored session with p_start 1, or the last session kept with its factor. p_sessions ascending with the provider elected for each; actions ordered by ex_date, kind descending (split before dividend), newest revision of each.';

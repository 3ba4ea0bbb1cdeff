-- calc.on_sessions(wanted, sessions, known_ats, recorded_ats, values): a series as seen on another one's sessions.
-- What: its price on each wanted session, 0 where it has none; its instants there, or of its last session before, -infinity
--      where there is none.
-- Why: a symbol's returns are paired with its benchmark's by session (ruling A13), and the instants are running maxima, which a
--      session it lacks does not lower. Most have the very same sessions: then nothing is walked through. Sessions ascend. No
--      element is null: in an array with a null the server walks to each element from the first (measured: ten times as long).
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.on_sessions(
    p_wanted date[], p_sessions date[], p_known_ats timestamptz[], p_recorded_ats timestamptz[], p_values double precision[],
    out known_ats timestamptz[], out recorded_ats timestamptz[], out seen double precision[]
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count constant integer := coalesce(cardinality(p_wanted), 0);
    v_sessions constant integer := coalesce(cardinality(p_sessions), 0);
    v_next integer := coalesce(width_bucket(p_wanted[1] - 1, p_sessions), 0) + 1; -- the first session from the first wanted on
begin
    if p_wanted = p_sessions then
        known_ats := p_known_ats; recorded_ats := p_recorded_ats; seen := p_values;
        return;
    end if;
    known_ats := array_fill('-infinity'::timestamptz, array[v_count]); recorded_ats := known_ats;
    seen := array_fill(0::double precision, array[v_count]);
    for i in 1 .. v_count loop
        while v_next <= v_sessions and p_sessions[v_next] < p_wanted[i] loop
            v_next := v_next + 1;
        end loop;
        if p_sessions[v_next] = p_wanted[i] then
            known_ats[i] := p_known_ats[v_next]; recorded_ats[i] := p_recorded_ats[v_next]; seen[i] := p_values[v_next];
        elsif i > 1 then
            known_ats[i] := known_ats[i - 1]; recorded_ats[i] := recorded_ats[i - 1];
        end if;
    end loop;
end;
$$;
comment on function calc.on_sessions(date[], date[], timestamptz[], timestamptz[], double precision[]) is
'An element per wanted session: the other series'' price on it (in its own unit, 0 where it has none) and its instants then,'
' or on the last wanted session before that it has (-infinity where none).';

-- market.declare_absences(symbol, sessions, reason): a person says that these sessions have no bar. Returns how many they are.
-- What: each of them a session that is missing now (market.open_gaps); they are asked for no more, and quality expects them no
-- longer from now on. No bar comes of it: the gate counts bars, so nothing becomes eligible by a declaration alone, and what
-- quality forgives is bounded (check_missing_sessions).
-- Why: a hole no source can fill is a fact somebody must answer for, by name.
-- Called by: `gaps absent` as fund_operator. Raises: MQ420, MQ550.
create or replace function market.declare_absences(p_symbol text, p_sessions date[], p_reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_operator constant text := govern.require_operator();
    v_missing constant date[] := array(
        select g.session from market.open_gaps as g
        where g.symbol = p_symbol and g.session = any (p_sessions) order by g.session
    );
begin
    if (p_reason <> '' and cardinality(v_missing) > 0 and v_missing @> p_sessions) is not true then
        raise exception using errcode = 'MQ550', message = 'an absence is declared of sessions that are missing, with a reason',
            detail = format('symbol=%s missing=%s', p_symbol, v_missing), hint = 'python -m runner gaps list';
    end if;
    insert into market.absences (symbol, session, operator, reason, declared_at)
    select p_symbol, m.session, v_operator, p_reason, ops.now() from unnest(v_missing) as m (session);
    perform notify.enqueue(
        'MEDIUM', 'DATA_QUALITY', 'ABSENCE_DECLARED',
        format('%s: %s declares %s sessions absent: %s', p_symbol, v_operator, cardinality(v_missing), p_reason), p_symbol,
        p_detail => jsonb_build_object('sessions', to_jsonb(v_missing))
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'absence.declared', 'body', jsonb_build_object(
        'symbol', p_symbol, 'sessions', to_jsonb(v_missing), 'reason', p_reason
    ))));
    return cardinality(v_missing);
end;
$$;
comment on function market.declare_absences(text, date[], text) is
'Declares missing sessions of an instrument absent, in a person''s name; how many. Raises MQ420, MQ550.';

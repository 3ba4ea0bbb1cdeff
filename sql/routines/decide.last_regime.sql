-- decide.last_regime(account, session): what is remembered of the market's regime from before a session, as one jsonb; NULL where
-- nothing is (C1-C5).
-- Called by: decide.load_state. Raises: nothing.
create or replace function decide.last_regime(p_account text, p_session date)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    select jsonb_build_object(
        'fit', g.fit, 'sessions_since_fit', g.sessions_since_fit, 'volatility', g.volatility,
        'volatility_sessions', g.volatility_sessions, 'trend', g.trend, 'trend_closes', g.trend_closes
    )
    from decide.regime_states as g
        join decide.cycle_runs as r on r.cycle_id = g.cycle_id and r.run = g.run and r.state = 'DONE'
        join decide.cycles as c on c.cycle_id = g.cycle_id and c.mode <> 'shadow'
    where g.account = p_account and g.as_of_session < p_session
    order by g.as_of_session desc, r.closed_recorded_at desc
    limit 1
$$;
comment on function decide.last_regime(text, date) is
'What an account remembers of the market''s regime from the last session before one, as jsonb; NULL where nothing.';

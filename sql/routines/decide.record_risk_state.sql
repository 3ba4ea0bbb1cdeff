-- decide.record_risk_state(run, state): stores an account's risk state after a run, and the market's regime.
-- state: one object of decide.risk_states' columns, `sessions` of the phase for its session, and `regime`: {name, method,
-- high_probability, percentile, reason, refitted, memory: {fit, sessions_since_fit, volatility, volatility_sessions, trend,
-- trend_closes}}. Phase, sessions, tier, CVaR breaches, re-base and drawdown are recomputed from rows (decide.protocol_step) and
-- must be the same: no client can claim a softer one (I19, B6, B9).
-- Called by: decide.record_risk. Raises: MQ204, MQ500.
create or replace function decide.record_risk_state(p_run decide.cycle_runs, p_state jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_step record;
    v_claimed jsonb;
    v_computed jsonb;
begin
    perform ops.refuse_unknown_keys(jsonb_build_array(p_state), array[
        'state', 'phase', 'sessions', 'tier', 'cvar_breaches', 'rebased', 'var_95', 'cvar_95', 'cvar_post_trade', 'drawdown',
        'volatility', 'gross', 'net', 'factors', 'figures', 'regime'
    ]);
    perform ops.refuse_unknown_keys(jsonb_build_array(coalesce(nullif(p_state -> 'regime', 'null'), '{}')), array[
        'name', 'method', 'high_probability', 'percentile', 'reason', 'refitted', 'memory'
    ]);
    perform ops.refuse_unknown_keys(jsonb_build_array(coalesce(nullif(p_state #> '{regime,memory}', 'null'), '{}')), array[
        'fit', 'sessions_since_fit', 'volatility', 'volatility_sessions', 'trend', 'trend_closes'
    ]);
    select s.* into v_step
    from jsonb_populate_record(null::decide.risk_states, p_state) as r
        cross join lateral decide.protocol_step(p_run, r.volatility, r.var_95, r.cvar_post_trade) as s;
    v_computed := (to_jsonb(v_step.step) - 'event') || jsonb_build_object('drawdown', v_step.drawdown);
    select jsonb_object_agg(k.key, coalesce(p_state -> k.key, 'null')) into v_claimed
    from jsonb_object_keys(v_computed) as k (key);
    -- No step at all is none to be the same as.
    if v_computed is null or v_claimed is distinct from v_computed then
        raise exception using errcode = 'MQ500', message = 'a run''s risk state does not follow from the one before',
            detail = format('cycle_id=%s run=%s claimed=%s computed=%s event=%s', p_run.cycle_id, p_run.run, v_claimed,
                v_computed, (v_step.step).event),
            hint = 'only govern.risk_transitions moves decide.load_state''s; a run that raced a change runs anew';
    end if;
    insert into decide.risk_states (
        cycle_id, run, account, as_of_session, slot, state, var_95, cvar_95, cvar_post_trade, drawdown, gross, net, factors,
        phase, phase_session, tier, cvar_breaches, rebased, volatility, figures
    )
    select
        p_run.cycle_id, p_run.run, p_run.account, c.as_of_session, c.slot, r.state, r.var_95, r.cvar_95, r.cvar_post_trade,
        r.drawdown, r.gross, r.net, r.factors, r.phase, v_step.phase_session, r.tier, r.cvar_breaches, r.rebased, r.volatility,
        r.figures
    from jsonb_populate_record(null::decide.risk_states, p_state) as r
        cross join decide.cycles as c
    where c.cycle_id = p_run.cycle_id;
    insert into decide.regime_states (
        cycle_id, run, account, as_of_session, name, method, high_probability, percentile, reason, refitted, fit,
        sessions_since_fit, volatility, volatility_sessions, trend, trend_closes
    )
    select
        p_run.cycle_id, p_run.run, p_run.account, c.as_of_session, g.name, g.method, g.high_probability, g.percentile, g.reason,
        g.refitted, nullif(m.fit, 'null'), m.sessions_since_fit, m.volatility, m.volatility_sessions, m.trend, m.trend_closes
    from jsonb_populate_record(null::decide.regime_states, nullif(p_state -> 'regime', 'null')) as g
        cross join jsonb_populate_record(null::decide.regime_states, nullif(p_state #> '{regime,memory}', 'null')) as m
        cross join decide.cycles as c
    where c.cycle_id = p_run.cycle_id;
end;
$$;
comment on function decide.record_risk_state(decide.cycle_runs, jsonb) is
'Stores the risk state after a run and the market''s regime; what follows from rows is recomputed. Raises MQ204, MQ500.';

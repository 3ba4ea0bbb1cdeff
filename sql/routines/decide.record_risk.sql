-- decide.record_risk(cycle, run, checks, state, symbol states): stores what risk evaluated and what the account must remember
-- (I19).
-- checks: array of {check_number, limit_name, scope, symbol, observed, threshold, action, factor, binding, reason}; without a
-- number, by place. state: as decide.record_risk_state takes it. symbol_states: array of {symbol, entry_stop,
-- stale_view_sessions, stopped_out_session}. The audit event is decide.close_run's, in the same transaction.
-- Called by: the cycle as fund_decider. Raises: MQ204, MQ244, MQ245, MQ246, MQ500.
create or replace function decide.record_risk(
    p_cycle_id text, p_run integer, p_checks jsonb, p_state jsonb, p_symbol_states jsonb
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
begin
    perform govern.require_layers(p_cycle_id, p_run, array[1, 2, 3, 4], array[5, 6, 7, 8, 9, 10, 11]);
    perform ops.refuse_unknown_keys(p_checks, array[
        'check_number', 'limit_name', 'scope', 'symbol', 'observed', 'threshold', 'action', 'factor', 'binding', 'reason'
    ]);
    perform ops.refuse_unknown_keys(p_symbol_states, array['symbol', 'entry_stop', 'stale_view_sessions', 'stopped_out_session']);
    perform decide.refuse_foreign_symbols(p_cycle_id, p_run, p_checks || p_symbol_states);
    insert into decide.risk_checks (
        cycle_id, run, check_number, account, limit_name, scope, symbol, observed, threshold, action, factor, binding, reason
    )
    select
        p_cycle_id, p_run, coalesce(r.check_number, e.place), v_run.account, r.limit_name,
        coalesce(r.scope, case when r.symbol is null then 'portfolio' else 'symbol' end), r.symbol, r.observed, r.threshold,
        r.action, r.factor, r.binding, r.reason
    from jsonb_array_elements(p_checks) with ordinality as e (line, place)
        cross join lateral jsonb_populate_record(null::decide.risk_checks, e.line) as r;
    perform decide.record_risk_state(v_run, p_state);
    insert into decide.symbol_states (
        cycle_id, run, account, symbol, entry_stop, stale_view_sessions, stopped_out_session
    )
    select p_cycle_id, p_run, v_run.account, r.symbol, r.entry_stop, r.stale_view_sessions, r.stopped_out_session
    from jsonb_populate_recordset(null::decide.symbol_states, p_symbol_states) as r;
end;
$$;
comment on function decide.record_risk(text, integer, jsonb, jsonb, jsonb) is
'Stores a run''s risk checks, risk state, regime and symbol states. Raises MQ204, MQ244, MQ245, MQ246, MQ500.';

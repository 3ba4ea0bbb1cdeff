-- Cycles: opening, what they may see, recording, closing, what is due. Role fund_decider (watch_cycles: fund_broker too).

-- name: open_cycle
select cycle_id, run, outcome, as_of, recorded_before, trade_session
from decide.open_cycle(%(account)s, %(mode)s, %(strategy)s, %(as_of_session)s, %(slot)s, %(config_sha256)s,
    %(delay_minutes)s, %(lease_seconds)s, %(host)s, %(pid)s, %(code_version)s, %(versions)s::jsonb)

-- name: watch_cycles
select decide.watch_cycles(%(account)s)

-- name: cycle_inputs
select symbol, in_universe, sector, asset_class, shortable, governance_state, governance_reasons, data_quality_score,
    provider_confidence, valid_sessions, last_session, last_close, price_kind, price_basis, features
from decide.cycle_inputs
where cycle_id = %(cycle_id)s and run = %(run)s
order by symbol

-- name: load_state
select decide.load_state(%(account)s, %(as_of_session)s, %(slot)s)

-- name: record_inputs
select decide.record_inputs(%(cycle_id)s, %(run)s, %(rows)s::jsonb)

-- name: record_model_outputs
select decide.record_model_outputs(%(cycle_id)s, %(run)s, %(rows)s::jsonb)

-- name: record_risk
select decide.record_risk(%(cycle_id)s, %(run)s, %(checks)s::jsonb, %(state)s::jsonb, %(symbol_states)s::jsonb)

-- name: record_decisions
select decide.record_decisions(%(cycle_id)s, %(run)s, %(rows)s::jsonb)

-- name: close_run
select decide.close_run(%(cycle_id)s, %(run)s, %(state)s, %(layer)s, %(reason)s, %(exit_code)s, %(summary)s::jsonb)

-- name: due_cycles
select d.account, d.as_of_session, d.opens_at, d.state, d.exit_code, d.due_at, d.is_due
from decide.due_cycles(%(calendar)s, %(accounts)s, %(settle_seconds)s) as d

-- name: record_failed_start
select decide.record_failed_start(%(account)s, %(as_of_session)s, %(exit_code)s, %(reason)s, %(since)s)

-- fund_analyst: reads what happened and why, and dbt's marts; changes nothing but may kill.
grant usage on schema audit, mart, ops, ref, trade to fund_analyst;
grant select on
    audit.accounts, audit.alert_channels, audit.alert_deliveries, audit.alerts, audit.audit_log, audit.bar_revisions,
    audit.breaks, audit.change_requests, audit.concluded_runs, audit.config_history, audit.cycle_inputs, audit.cycles,
    audit.decisions, audit.exposures, audit.failed_starts, audit.failovers, audit.fund, audit.gate_verdicts,
    audit.kill_switch_history, audit.layer_checks, audit.limit_findings, audit.limit_sets, audit.missed_cycles,
    audit.model_outputs, audit.nav_history, audit.order_lifecycle, audit.orders, audit.positions, audit.processes,
    audit.quarantined_bars, audit.quarantined_facts, audit.regimes, audit.restatements, audit.resumptions,
    audit.risk_checks, audit.risk_states, audit.risk_transitions, audit.stress, audit.unsent_alerts, audit.var_backtest
to fund_analyst;
-- What a view calls, it calls as whoever reads it: audit.var_backtest, fund, alert_channels, unsent_alerts, positions.
grant usage on schema calc, notify to fund_analyst;
grant execute on function calc.binomial_cumulative(integer, integer, double precision) to fund_analyst;
grant execute on function notify.channel_states() to fund_analyst;
grant execute on function notify.unsent_alerts() to fund_analyst;
grant execute on function ops.resume_pending() to fund_analyst;
grant execute on function trade.valued_positions() to fund_analyst;
grant execute on function audit.explain(text, text) to fund_analyst;
grant execute on function audit.explain_json(text, text) to fund_analyst;
grant execute on function audit.find_cycle(text, text) to fund_analyst;
grant execute on function audit.known_bars(text, text, integer) to fund_analyst;
grant execute on function audit.verify_chain() to fund_analyst;
-- A replay reads as an analyst: nothing it calls writes.
grant usage on schema market to fund_analyst;
grant select on market.absences, market.open_gaps to fund_analyst;
grant select on ops.deploy_ledger to fund_analyst;
grant execute on function audit.replay_run(text, integer) to fund_analyst;
grant execute on function audit.replayable_runs(text, integer, date, date, text) to fund_analyst;
grant execute on function market.adjusted_prices(timestamptz, timestamptz, text[]) to fund_analyst;
grant execute on function market.altered_bars(text[]) to fund_analyst;
grant execute on function market.fundamentals_as_of(timestamptz, timestamptz, text[]) to fund_analyst;
grant execute on function market.news_as_of(timestamptz, timestamptz, text[]) to fund_analyst;
grant execute on function market.panel(timestamptz, timestamptz, integer, text[]) to fund_analyst;
grant execute on function market.panel_sessions(timestamptz, integer, text) to fund_analyst;
grant select on all tables in schema mart to fund_analyst;
alter default privileges for role fund_transformer in schema mart grant select on tables to fund_analyst;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_analyst;
grant execute on function ops.now() to fund_analyst;
grant select on ref.calendars, ref.instruments, ref.providers, ref.sessions, ref.universe to fund_analyst;
grant select on trade.accounts, trade.applied_actions, trade.cash_ledger, trade.fills, trade.nav, trade.positions to fund_analyst;

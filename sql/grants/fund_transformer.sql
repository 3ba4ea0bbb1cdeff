-- fund_transformer: dbt. Reads market and ref for every cycle, and of decide and trade what the marts tell analysts afterwards:
-- beyond I28's "market and ref" for that alone, and nothing of ours reads a mart (I18). Uses calc, builds in dbt's schemas
-- (bootstrap grants create there; a routine of ours it may not call, the clock behind ref.last_sessions aside).
grant usage on schema calc, decide, govern, market, ops, ref, trade to fund_transformer;
grant execute on all functions in schema calc to fund_transformer;
grant select on decide.cycle_inputs, decide.cycle_runs, decide.cycles, decide.decisions, decide.gate_verdicts,
decide.model_outputs, decide.regime_states, decide.risk_checks to fund_transformer;
grant select on govern.layers to fund_transformer;
grant select on market.absences to fund_transformer;
grant select on market.corporate_actions, market.fetches, market.fundamentals, market.headline_opinions, market.ingest_batches,
market.news, market.price_history, market.provider_bars, market.quarantined_bars to fund_transformer;
grant execute on function ops.now() to fund_transformer;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.providers, ref.sessions, ref.universe to fund_transformer;
grant select on trade.accounts, trade.applied_actions, trade.break_resolutions, trade.breaks, trade.broker_snapshots,
trade.cash_ledger, trade.fills, trade.nav, trade.order_events, trade.orders, trade.position_adjustments to fund_transformer;

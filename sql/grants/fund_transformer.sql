-- fund_transformer: dbt. Reads market and ref for every cycle, and of decide and trade what the marts tell analysts afterwards:
-- beyond I28's "market and ref" for that alone, and nothing of ours reads a mart (I18). Uses calc, builds in dbt's schemas
-- (bootstrap grants create there; a routine of ours it may not call, the clock behind ref.last_sessions aside).
grant usage on schema calc, decide, market, ops, ref, trade to fund_transformer;
grant execute on all functions in schema calc to fund_transformer;
grant select on decide.cycles, decide.decisions to fund_transformer;
grant select on market.corporate_actions, market.ingest_batches, market.price_history, market.provider_bars,
market.quarantined_bars to fund_transformer;
grant execute on function ops.now() to fund_transformer;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.providers, ref.sessions, ref.universe to fund_transformer;
grant select on trade.fills, trade.order_events, trade.orders to fund_transformer;

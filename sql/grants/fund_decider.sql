-- fund_decider: what a cycle reads and the routines it decides through.
grant usage on schema market, ops, ref to fund_decider;
grant execute on function market.panel(timestamptz, timestamptz, integer, text[]) to fund_decider;
grant execute on function market.panel_sessions(timestamptz, integer, text) to fund_decider;
grant execute on function market.prices_as_of(timestamptz, timestamptz, text[]) to fund_decider;
grant execute on function market.session_counts(timestamptz, timestamptz, text[]) to fund_decider;
grant execute on function ops.now() to fund_decider;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.providers, ref.sessions, ref.universe to fund_decider;
grant usage on schema trade to fund_decider;
grant select on trade.accounts, trade.cash, trade.held_quantities, trade.live_orders, trade.nav, trade.open_quantities,
trade.orders, trade.positions to fund_decider;
grant execute on function trade.account_state(text, date) to fund_decider;
grant execute on function trade.client_order_id(text, text, text, text, integer) to fund_decider;
grant execute on function trade.mark_nav(text, date) to fund_decider;
grant execute on function trade.open_configured_account(text, date) to fund_decider;
grant execute on function trade.sessions_to_mark(text, integer) to fund_decider;
grant execute on function trade.place_order(text, integer, jsonb) to fund_decider;
grant execute on function trade.place_orders(text, integer, jsonb) to fund_decider;
grant execute on function trade.request_cancel(text, text) to fund_decider;
grant execute on function trade.request_replace(text, numeric, numeric, numeric, text)
to fund_decider;
grant usage on schema decide, govern, notify to fund_decider;
grant select on decide.cycle_inputs, decide.cycle_runs, decide.cycles to fund_decider;
grant execute on function decide.close_run(text, integer, text, integer, text, integer, jsonb) to fund_decider;
grant execute on function decide.due_cycles(text, text[], integer) to fund_decider;
grant execute on function decide.load_state(text, date, text) to fund_decider;
grant execute on function decide.open_cycle(text, text, text, date, text, text, integer, integer, text, integer, text, jsonb)
to fund_decider;
grant execute on function decide.record_decisions(text, integer, jsonb) to fund_decider;
grant execute on function decide.record_failed_start(text, date, integer, text, timestamptz) to fund_decider;
grant execute on function decide.record_inputs(text, integer, jsonb) to fund_decider;
grant execute on function decide.record_model_outputs(text, integer, jsonb) to fund_decider;
grant execute on function decide.record_risk(text, integer, jsonb, jsonb, jsonb) to fund_decider;
grant execute on function decide.watch_cycles(text) to fund_decider;
grant select on govern.config_versions, govern.limits to fund_decider;
grant execute on function govern.check_results(text, integer) to fund_decider;
grant execute on function govern.conclude(text, integer) to fund_decider;
grant execute on function govern.effective_limit(text) to fund_decider;
grant select on govern.effective_limits to fund_decider;
grant execute on function govern.open_gate(text, integer) to fund_decider;
grant execute on function govern.pinned_config() to fund_decider;
grant execute on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) to fund_decider;
grant execute on function ops.advance_clock(timestamptz) to fund_decider;
grant execute on function ops.beat(text, text, integer, jsonb) to fund_decider;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_decider;
grant execute on function ops.kill_cooldowns() to fund_decider;
grant execute on function ops.kill_engaged(boolean) to fund_decider;
grant execute on function ops.report_kill_file(text, boolean) to fund_decider;
grant select on ops.deploy_ledger, ops.deploys, ops.instances to fund_decider;

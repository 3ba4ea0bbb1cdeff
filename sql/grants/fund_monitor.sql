-- fund_monitor: status, doctor, metrics. Reads; may kill.
grant usage on schema audit, govern, market, notify, ops, ref to fund_monitor;
grant select on audit.cycles, audit.gate_verdicts, audit.kill_switch_history to fund_monitor;
grant execute on function govern.pinned_config() to fund_monitor;
grant select on market.price_history to fund_monitor;
grant execute on function notify.unsent_alerts() to fund_monitor;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_monitor;
grant execute on function ops.kill_engaged(boolean) to fund_monitor;
grant execute on function ops.now() to fund_monitor;
grant execute on function ops.status() to fund_monitor;
grant select on ops.deploy_ledger, ops.deploys, ops.instances, ops.kill_sources to fund_monitor;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.sessions to fund_monitor;

-- fund_operator: the people's role: configuration, accounts, kill and resume.
grant usage on schema trade to fund_operator;
grant select on trade.accounts to fund_operator;
grant execute on function trade.adopt_account(text, text) to fund_operator;
grant execute on function trade.connect_account(text, text, text) to fund_operator;
grant execute on function trade.open_account(text, text, text, text, numeric, text, date) to fund_operator;
grant select on trade.open_breaks to fund_operator;
grant execute on function trade.release_gate(text) to fund_operator;
grant execute on function trade.request_cancel(text, text) to fund_operator;
grant execute on function trade.request_replace(text, numeric, numeric, numeric, text)
to fund_operator;
grant execute on function trade.resolve_break(bigint, text, boolean) to fund_operator;
grant usage on schema govern, ops to fund_operator;
grant execute on function govern.pin_config(text, bytea, jsonb, jsonb, text) to fund_operator;
grant execute on function govern.pinned_config() to fund_operator;
grant select on govern.effective_limits to fund_operator;
grant execute on function ops.clear_kill_source(text, text, text) to fund_operator;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_operator;
grant execute on function ops.kill_engaged(boolean) to fund_operator;
grant execute on function ops.now() to fund_operator;
grant execute on function ops.resume(text) to fund_operator;
grant execute on function ops.resume_checklist(boolean) to fund_operator;
grant execute on function ops.report_kill_file(text, boolean) to fund_operator;
grant select on ops.kill_sources to fund_operator;

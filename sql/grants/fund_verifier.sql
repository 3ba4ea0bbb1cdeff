-- fund_verifier: reads the hash chain and says whether it holds; a broken one kills (I23).
grant usage on schema audit, ops to fund_verifier;
grant select on audit.audit_log, audit.heads to fund_verifier;
grant execute on function audit.verify_chain() to fund_verifier;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_verifier;
grant execute on function ops.now() to fund_verifier;

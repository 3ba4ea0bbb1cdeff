-- fund_verifier: reads the hash chain, anchors it outside and says whether it holds; a broken one kills (I23).
grant usage on schema audit, notify, ops to fund_verifier;
grant select on audit.anchors, audit.audit_log, audit.heads to fund_verifier;
grant execute on function audit.record_anchor(text, text, text, bigint, text, bigint, bytea) to fund_verifier;
grant execute on function audit.verify_chain() to fund_verifier;
grant execute on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) to fund_verifier;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_verifier;
grant execute on function ops.now() to fund_verifier;
grant select on ops.deploy_ledger, ops.deploys, ops.instances to fund_verifier;

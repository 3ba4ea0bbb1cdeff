-- audit.decisions: exactly the fifteen fields of the specification, in its order, of each cycle's final run.
create or replace view audit.decisions as
select
    d.cycle_id, d.symbol, d."timestamp", d.final_decision, d.position_size, d.stop_loss, d.reason_codes, d.mu_hat, d.sigma_hat,
    d.conviction, d.data_quality_score, d.provider_confidence, d.agent_results, d.risk_checks, d.metadata
from decide.decisions as d
    join audit.concluded_runs as f on f.cycle_id = d.cycle_id and f.run = d.run;
comment on view audit.decisions is 'One row per cycle and active symbol: the fifteen fields of the specification, in its order.';
comment on column audit.decisions.cycle_id is 'Field 1: cycle.';
comment on column audit.decisions.symbol is 'Field 2: instrument.';
comment on column audit.decisions."timestamp" is 'Field 3: the cycle''s as_of, equal on every machine.';
comment on column audit.decisions.final_decision is 'Field 4: EXECUTE_BUY, EXECUTE_SELL, HOLD or REJECT.';
comment on column audit.decisions.position_size is
'Field 5: target weight, signed fraction of NAV; HOLD and REJECT: the held weight.';
comment on column audit.decisions.stop_loss is 'Field 6: stop price, listing currency (ruling D14).';
comment on column audit.decisions.reason_codes is 'Field 7: machine-readable reasons, at least one.';
comment on column audit.decisions.mu_hat is 'Field 8: annual expected excess return, fraction.';
comment on column audit.decisions.sigma_hat is 'Field 9: annual volatility, fraction.';
comment on column audit.decisions.conviction is 'Field 10: mu_hat / sigma_hat.';
comment on column audit.decisions.data_quality_score is 'Field 11: score of ruling F1, 0 to 1.';
comment on column audit.decisions.provider_confidence is 'Field 12: ruling D11, 0 to 1.';
comment on column audit.decisions.agent_results is 'Field 13: the views heard.';
comment on column audit.decisions.risk_checks is 'Field 14: the limits that touched it.';
comment on column audit.decisions.metadata is 'Field 15: every factor from score to weight.';

-- When did a governance layer change its mind, and about what?
-- Answer: Layer 1 alone, for the kill file and back.
select as_of_session, run, layer, layer_name, verdict_before, verdict, reason_code, run_state from mart.gate_history
where changed and reason_code <> 'NOT_REACHED' and verdict_before is not null and layer <= 4 order by decided_at, layer;

-- Who engaged the kill switch, who cleared it, and what did it stop in between?
-- Answer: The file, seen by the cycle and reported gone by sync: run 1 of 6 October was halted by layer 1. That resumed nothing: an
-- operator did a quarter of an hour later, the cooldown over and nothing missing, and run 2 was done.
select source, action, actor, occurred_at, engaged_now from audit.kill_switch_history order by event_id;
select actor, reason, resumed_at, jsonb_path_query_array(checklist, '$[*].item') as asked from audit.resumptions order by resumption_id;
select as_of_session, run, layer, layer_name, verdict, reason_code, run_state from mart.gate_history
where verdict = 'REFUSE' order by as_of_session, run, layer;
select as_of_session, state, reason, run from audit.cycles where cycle_id in (select cycle_id from mart.gate_history where halted_the_run);

-- Who engaged the kill switch, who cleared it, and what did it stop in between?
select source, action, actor, occurred_at, engaged_now from audit.kill_switch_history order by event_id;
select as_of_session, run, layer, layer_name, verdict, reason_code, run_state from mart.gate_history
where verdict = 'REFUSE' order by as_of_session, run, layer;
select as_of_session, state, reason, run from audit.cycles where cycle_id in (select cycle_id from mart.gate_history where halted_the_run);

-- Proves: A7, B6, I14: a DONE run that began a ramp re-bases the mark, one halted for CVaR breaches kills; a shadow run does neither.
begin;
select plan(9);
select fixtures.desk();
alter table decide.risk_states disable trigger all;
alter table decide.cycles disable trigger all;
alter table decide.cycle_runs disable trigger all;
alter table decide.gate_verdicts disable trigger all;
update decide.risk_states set phase = 'RECOVERY', tier = 1, rebased = true, cvar_breaches = 3;
insert into decide.gate_verdicts (cycle_id, run, account, layer, verdict, reason_code, evidence, decided_at)
values (repeat('1', 32), 1, 'test', 8, 'REFUSE', 'CVAR_PERSISTENCE', '{}', ops.now());
create function pg_temp.applied(p_state text) returns text language plpgsql as $$
begin
    update decide.cycle_runs set state = p_state, reason = 'x', closed_at = ops.now();
    perform decide.apply_protocol(repeat('1', 32), 1);
    return concat_ws(' ', (select string_agg(b.session || ' ' || b.nav_index, ',') from trade.mark_rebases as b), (select string_agg(k.source, ',') from ops.kill_sources as k));
end;
$$;
savepoint s;
select is(pg_temp.applied('FAILED'), '', 'a failed run does nothing');
select is(pg_temp.applied('DONE'), '2020-01-06 1', 'a ramp that began re-bases');
select is(pg_temp.applied('DONE'), '2020-01-06 1', 'once a session');
rollback to s;
update decide.risk_states set rebased = false, tier = 2;
select is(pg_temp.applied('DONE'), '', 'a ramp that goes on does not');
rollback to s;
select is(pg_temp.applied('HALTED'), 'cvar', 'the count kills');
select is((select k.reason from ops.kill_sources as k), 'account test: CVaR above its hard limit for 3 sessions in a row', 'with its reason');
rollback to s;
update decide.gate_verdicts set reason_code = 'NOT_REACHED' where layer = 8;
select is(pg_temp.applied('HALTED'), '', 'a layer that was not reached does not');
rollback to s;
update decide.cycles set mode = 'shadow';
select is(pg_temp.applied('DONE'), '', 'a shadow run re-bases nothing');
select is(pg_temp.applied('HALTED'), '', 'and kills nothing');
select * from finish();
rollback;

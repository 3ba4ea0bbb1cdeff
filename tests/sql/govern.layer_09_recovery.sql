-- Proves: layer 9, B9, B10, I15, I17: tier and scalars within the ramp; nothing of a run from before a resumption.
begin;
select plan(13);
select fixtures.desk();
alter table decide.risk_states disable trigger all;
alter table govern.limits disable trigger all;
create function pg_temp.judged(p_change text default 'state = state') returns text language plpgsql as $$
begin
    execute 'update decide.risk_states set ' || p_change;
    return (select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_09_recovery(repeat('1', 32), 1) as verdict) as v);
end;
$$;
savepoint s;
select is(pg_temp.judged(), 'PASS PHASE_HELD', 'off the ramp');
select is(pg_temp.judged($$phase = 'RECOVERY', tier = 2, factors = '{"ramp": 0.4, "soft": 0.4}'$$), 'PASS PHASE_HELD', 'on its second tier');
select is(pg_temp.judged($$factors = '{"ramp": 0.41, "soft": 0.4}'$$), 'REFUSE ABOVE_THE_RAMP', 'a factor of another tier');
select is(pg_temp.judged($$factors = '{"ramp": 0.4, "soft": 0.41}'$$), 'REFUSE ABOVE_THE_RAMP', 'a factor that was not multiplied in');
select is(pg_temp.judged($$factors = '{"soft": 0.1}'$$), 'REFUSE ABOVE_THE_RAMP', 'an unknown factor');
select is(pg_temp.judged($$factors = '{"ramp": 0.1, "soft": 0.1}'$$), 'PASS PHASE_HELD', 'stricter is allowed');
select is(pg_temp.judged('tier = 6'), 'REFUSE ABOVE_THE_RAMP', 'a tier there is not');
alter table decide.risk_states drop constraint risk_states_protocol;
select is(pg_temp.judged($$phase = 'FREEZE'$$), 'REFUSE TIER_OFF_THE_RAMP', 'a tier where there is no ramp');
rollback to s;
delete from govern.limits where limit_name = 'recovery_ramp_3_of_5';
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING', 'a deleted tier');
rollback to s;
delete from govern.limits where limit_name = 'freeze_sessions';
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING', 'a deleted length of the freeze');
rollback to s;
delete from decide.risk_states;
select is(pg_temp.judged(), 'REFUSE RISK_STATE_MISSING', 'nothing recorded');
rollback to s;
select ops.engage_kill_switch('x'), fixtures.resume();
select is(pg_temp.judged(), 'REFUSE RESUMED_SINCE', 'a run that began before trading was resumed knows of no ramp');
update decide.cycle_runs set recorded_before = (select max(r.recorded_at) from ops.resumptions as r) + interval '1 microsecond';
select is(pg_temp.judged(), 'PASS PHASE_HELD', 'one that began after does');
select * from finish();
rollback;

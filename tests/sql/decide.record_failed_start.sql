-- Proves: I26: a cycle that ended before it had a run is a row, an alert and an audit event; one that has a run tells of itself.
begin;
select plan(12);
select fixtures.fund();
set local role fund_decider;
select is(decide.record_failed_start('paper', '2013-02-27', -9, 'killed', ops.now()), true, 'recorded');
select is(decide.record_failed_start('new', '2013-02-27', 12, repeat('x', 2000), ops.now()), true, 'of an account that is not open yet, too');
reset role;
select results_eq($$select f.account, f.exit_code, f.failed_at = ops.now(), length(f.reason) from decide.failed_starts as f order by f.start_id$$,
    $$values ('paper', -9, true, 6), ('new', 12, true, 1000)$$, 'rows');
select results_eq($$select a.level, a.code, a.account from notify.alerts as a order by a.alert_id$$,
    $$values ('HIGH', 'CYCLE_NOT_STARTED', 'paper'), ('HIGH', 'CYCLE_NOT_STARTED', null)$$, 'alerts');
select is((select count(*) from audit.audit_log as l where l.event = 'cycle.not_started'), 2::bigint, 'audit events');
select decide.record_failed_start('paper', '2013-02-27', -9, 'killed', ops.now());
select is((select max(a.repeats) from notify.alerts as a where a.account = 'paper'), 1, 'told once an hour');
select fixtures.cycle();
select is(decide.record_failed_start('paper', '2013-02-27', 1, 'x', ops.now()), false, 'a run opened since tells of itself');
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set state = 'FAILED', reason = 'DRY_RUN';
select is(decide.record_failed_start('paper', '2013-02-27', 1, 'x', ops.now()), true, 'but for a dry run, which tells of something else');
update decide.cycle_runs set state = 'OPEN', closed_at = null, opened_at = opened_at - interval '1 hour', lease_until = clock_timestamp();
select is(decide.record_failed_start('paper', '2013-02-27', 1, 'x', ops.now()), true, 'or one whose lease is over');
select throws_ok($$select decide.record_failed_start('paper', '2013-02-28', 0, 'x', ops.now())$$, '23514', null, 'an exit code of 0 is no failure');
select throws_ok('delete from decide.failed_starts', 'MQ211', null, 'it stays');
set local role fund_broker;
select throws_ok($$select decide.record_failed_start('paper', '2013-02-27', 1, 'x', ops.now())$$, '42501', null, 'not the broker');
reset role;
select * from finish();
rollback;

-- Proves: I12: any source engages; the kill row is held for share on request; without the row it fails closed.
begin;
select plan(7);
select is(ops.kill_engaged(false), false, 'nothing engaged');
select is(ops.kill_engaged(true), false, 'held, nothing engaged');
select ok(exists (select 1 from pg_locks as l where l.relation = 'ops.locks'::regclass and l.mode = 'RowShareLock'), 'the row is locked');
select ops.engage_kill_switch('x', 'orphan');
select is(ops.kill_engaged(false), true, 'one source is enough');
select ops.clear_kill_source('orphan', '', 'x');
select fixtures.resume();
select is(ops.kill_engaged(true), false, 'cleared and resumed');
delete from ops.locks where lock_name = 'kill';
select is(ops.kill_engaged(true), true, 'no row to hold: fail closed');
select is(ops.kill_engaged(null), true, 'NULL holds too');
select * from finish();
rollback;

-- Proves: I15: a kill outlasts the clearing of its sources until it is answered; a later one is a new kill.
begin;
select plan(7);
select is(ops.resume_pending(), false, 'never killed');
select ops.engage_kill_switch('x');
select is(ops.resume_pending(), true, 'killed');
select ops.clear_kill_source('row', '', 'x');
select is(ops.resume_pending(), true, 'every source clear: still to be resumed');
select is(ops.kill_engaged(false), true, 'and nothing is traded');
select fixtures.resume();
select is(ops.resume_pending(), false, 'resumed');
select ops.engage_kill_switch('x', 'cvar');
select is(ops.resume_pending(), true, 'the next one is not answered by it');
select fixtures.resume();
select ops.clear_kill_source('cvar', '', 'x');
select is(ops.resume_pending(), false, 'a source cleared later engages nothing');
select * from finish();
rollback;

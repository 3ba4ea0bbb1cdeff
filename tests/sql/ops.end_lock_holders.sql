-- Proves: I13: readers and the own session are left alone; single-session part (the race is pytests).
begin;
select plan(2);
select ops.kill_engaged(true);
select is(ops.end_lock_holders(array['ops.locks']::regclass[], true), '{}'::integer[], 'the own lock is no reason');
set local role fund_decider;
select throws_ok('select ops.end_lock_holders(array[''ops.locks'']::regclass[], true)', '42501', null, 'nobody''s to call');
reset role;
select * from finish();
rollback;

-- Proves: I13: takes the kill row and the audit head; single-session part (the race is pytests).
begin;
select plan(3);
select lives_ok('select ops.seize_kill_lock()', 'free locks are taken');
select ok(exists (select 1 from pg_locks as l where l.relation = 'audit.heads'::regclass and l.mode = 'RowExclusiveLock'), 'the audit head with them');
set local role fund_decider;
select throws_ok('select ops.seize_kill_lock()', '42501', null, 'nobody''s to call');
reset role;
select * from finish();
rollback;

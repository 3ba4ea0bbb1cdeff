-- Proves: I26: only runs whose lease is over fail; their events are returned for the caller to append.
begin;
select plan(4);
select fixtures.fund();
select fixtures.open();
select is(decide.fail_overdue_runs('paper'), '[]'::jsonb, 'within its lease');
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second';
select is(decide.fail_overdue_runs('other'), '[]'::jsonb, 'another account''s');
select is(decide.fail_overdue_runs('paper') #>> '{0,event}', 'cycle.failed', 'over');
select is((select r.exit_code from decide.cycle_runs as r), 1, 'with an exit code');
select * from finish();
rollback;

-- Proves: which run of a cycle a replay takes: the given one, else the one that counts, else the newest.
begin;
select plan(6);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select decide.close_run(o.cycle_id, o.run, 'FAILED', null, 'TEST', 1, '{}') from opened as o;
select results_eq('select r.run, r.state from opened as o cross join lateral audit.replayable_runs(o.cycle_id) as r', $$ values (1, 'FAILED') $$, 'a failed run where there is no other');
select is(fixtures.cycle(), 'DONE', 'the next run');
select results_eq('select r.run, r.state from opened as o cross join lateral audit.replayable_runs(o.cycle_id) as r', $$ values (2, 'DONE') $$, 'the one that counts');
select results_eq('select r.run, r.state from opened as o cross join lateral audit.replayable_runs(o.cycle_id, 1) as r', $$ values (1, 'FAILED') $$, 'the one asked for');
select results_eq($$ select r.run from audit.replayable_runs(null, null, '2013-02-27', '2013-02-27', 'paper') as r $$, 'values (2)', 'a range');
select is_empty($$ select r.run from audit.replayable_runs(null, null, '2013-02-27', '2013-02-27', 'other') as r $$, 'of another account');
select * from finish();
rollback;

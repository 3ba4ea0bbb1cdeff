-- Proves: one row per run and layer.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select lives_ok('select govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(7, ''NOT_BUILT'', ''NOT_BUILT'', null)) from opened as o', 'stored');
select results_eq('select g.account, g.layer, g.verdict, g.decided_at from decide.gate_verdicts as g', $$values ('paper'::text, 7, 'NOT_BUILT'::text, timestamptz '2013-02-27 22:00Z')$$, 'as it was');
select throws_ok('select govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(7, ''PASS'', ''X'', null)) from opened as o', '23505', null, 'once');
select * from finish();
rollback;

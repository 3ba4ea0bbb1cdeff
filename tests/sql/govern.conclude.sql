-- Proves: I26: eleven verdicts at the end of every run; a refusing one has queued its alert.
begin;
select plan(11);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select throws_ok('select govern.conclude(o.cycle_id, o.run) from opened as o', 'MQ245', null, 'not before the gate');
savepoint fresh;
select ops.engage_kill_switch('why');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select lives_ok('select decide.record_decisions(o.cycle_id, o.run, fixtures.decisions(o.cycle_id, o.run, 1)) from opened as o', 'halted decisions');
select results_eq('select c.layer, c.verdict, c.reason_code, c.exit_code from opened as o cross join lateral govern.conclude(o.cycle_id, o.run) as c order by 1',
    $$values (5, 'REFUSE'::text, 'NOT_REACHED'::text, 0), (6, 'REFUSE', 'NOT_REACHED', 0), (7, 'REFUSE', 'NOT_REACHED', 0), (8, 'REFUSE', 'NOT_REACHED', 0),
    (9, 'REFUSE', 'NOT_REACHED', 0), (10, 'PASS', 'COMPLETE', 0), (11, 'PASS', 'OUTBOX_COMPLETE', 0)$$, 'what a refusal left out');
select is((select count(*)::integer from decide.gate_verdicts), 11, 'eleven rows');
select is((select count(*)::integer from notify.alerts as a where a.code = 'HALT_1'), 1, 'one alert');
rollback to fresh;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
savepoint gated;
select fixtures.results(o.cycle_id, o.run) from opened as o;
select results_eq('select c.layer, c.verdict, c.reason_code from opened as o cross join lateral govern.conclude(o.cycle_id, o.run) as c order by 1',
    $$values (10, 'REFUSE'::text, 'DECISIONS_INCOMPLETE'::text), (11, 'PASS', 'OUTBOX_COMPLETE')$$, 'a refusal of layer 10');
select is((select count(*)::integer from notify.alerts as a where a.code = 'HALT_10'), 1, 'is alerted as well');
rollback to gated;
select throws_ok('select govern.conclude(o.cycle_id, o.run) from opened as o', 'MQ245', null, 'a run without refusal needs layers 5-9');
select fixtures.results(o.cycle_id, o.run) from opened as o;
select decide.record_decisions(o.cycle_id, o.run, fixtures.decisions(o.cycle_id, o.run)) from opened as o;
select results_eq('select c.layer, c.verdict from opened as o cross join lateral govern.conclude(o.cycle_id, o.run) as c order by 1', $$values (10, 'PASS'::text), (11, 'PASS')$$, 'done');
select is((select count(*)::integer from decide.gate_verdicts), 11, 'eleven rows');
select throws_ok('select govern.conclude(o.cycle_id, o.run) from opened as o', 'MQ245', null, 'once');
select * from finish();
rollback;

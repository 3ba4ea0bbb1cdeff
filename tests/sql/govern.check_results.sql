-- Proves: layers 5-9 judged from what is stored, after the gate and before the orders.
begin;
select plan(5);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select throws_ok('select govern.check_results(o.cycle_id, o.run) from opened as o', 'MQ245', null, 'not before the gate');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
savepoint gated;
select results_eq('select c.layer, c.verdict, c.exit_code from opened as o cross join lateral govern.check_results(o.cycle_id, o.run) as c order by 1',
    $$values (5, 'REFUSE'::text, 10), (6, 'REFUSE', 10), (7, 'REFUSE', 10), (8, 'REFUSE', 11), (9, 'REFUSE', 10)$$, 'nothing stored refuses');
rollback to gated;
select fixtures.results(o.cycle_id, o.run) from opened as o;
select results_eq('select g.layer, g.verdict from decide.gate_verdicts as g where g.layer between 5 and 9 order by 1',
    $$values (5, 'PASS'::text), (6, 'PASS'), (7, 'PASS'), (8, 'PASS'), (9, 'PASS')$$, 'a complete run passes');
select throws_ok('select govern.check_results(o.cycle_id, o.run) from opened as o', 'MQ245', null, 'once');
select throws_ok('select decide.record_model_outputs(o.cycle_id, o.run, ''[]'') from opened as o', 'MQ245', null, 'and nothing is added to what was judged');
select * from finish();
rollback;

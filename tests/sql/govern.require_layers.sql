-- Proves: the steps of a run come in their order.
begin;
select plan(4);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select lives_ok('select govern.require_layers(o.cycle_id, o.run, ''{}'', array[1, 2]) from opened as o', 'nothing judged yet');
select throws_ok('select govern.require_layers(o.cycle_id, o.run, array[1], ''{}'') from opened as o', 'MQ245', null, 'a missing step');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select lives_ok('select govern.require_layers(o.cycle_id, o.run, array[1, 2, 3, 4], array[5]) from opened as o', 'judged');
select throws_ok('select govern.require_layers(o.cycle_id, o.run, ''{}'', array[4]) from opened as o', 'MQ245', null, 'a repeated step');
select * from finish();
rollback;

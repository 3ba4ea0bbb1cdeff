-- Proves: the literal list has all eleven layers; each verdict is a row.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select array_agg(v.layer) from opened as o cross join lateral govern.evaluate_layers(o.cycle_id, o.run, array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) as v), array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'all are known');
select is((select count(*)::integer from decide.gate_verdicts), 11, 'a row each');
select set_eq('select l.layer from govern.layers as l', 'select substr(p.proname, 7, 2)::integer from pg_proc as p where p.proname ~ ''^layer_[0-9][0-9]_'' and p.pronamespace = ''govern''::regnamespace', 'a routine per layer');
select * from finish();
rollback;

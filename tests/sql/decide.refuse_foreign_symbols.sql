-- Proves: rows are for inputs of the run.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select lives_ok('select decide.refuse_foreign_symbols(o.cycle_id, o.run, ''[{"symbol": "AAA"}, {"symbol": null}]'') from opened as o', 'an input, or the portfolio');
select throws_ok('select decide.refuse_foreign_symbols(o.cycle_id, o.run, ''[{"symbol": "ZZZ"}]'') from opened as o', 'MQ246', null, 'another symbol');
select throws_ok('select decide.refuse_foreign_symbols(o.cycle_id, 2, ''[{"symbol": "AAA"}]'') from opened as o', 'MQ246', null, 'another run');
select * from finish();
rollback;

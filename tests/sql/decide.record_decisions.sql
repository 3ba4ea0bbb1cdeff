-- Proves: the fifteen fields, their instant from the cycle, once per symbol.
begin;
select plan(8);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select throws_ok('select decide.record_decisions(o.cycle_id, o.run, ''[]'') from opened as o', 'MQ245', null, 'not before the gate');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create function pg_temp.send(p_path text[], p_value jsonb) returns integer language sql as $$ select decide.record_decisions(o.cycle_id, o.run, jsonb_set(fixtures.decisions(o.cycle_id, o.run), p_path, p_value)) from opened as o $$;
select throws_ok($$select pg_temp.send('{0,position_size}', '"Infinity"')$$, '23514', null, 'an infinite size');
select throws_ok($$select pg_temp.send('{0,reason_codes}', '[]')$$, '23514', null, 'no reason');
select throws_ok($$select pg_temp.send('{0,cycle_id}', '"x"')$$, 'MQ204', null, 'an unknown key');
select throws_ok($$select pg_temp.send('{0,symbol}', '"ZZZ"')$$, 'MQ246', null, 'no input');
select is(pg_temp.send('{0,metadata}', '{"n": 1}'), 4, 'four decisions');
select is((select count(distinct d."timestamp")::integer from decide.decisions as d where d."timestamp" = '2013-02-27 21:30Z'), 1, 'at as_of');
select throws_ok($$select pg_temp.send('{0,metadata}', '{}')$$, '23505', null, 'once');
select * from finish();
rollback;

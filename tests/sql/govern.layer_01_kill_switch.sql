-- Proves: layer 1, I12, I14: any engaged source refuses with exit 11.
begin;
select plan(4);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_01_kill_switch(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select is(pg_temp.judged(), 'PASS NOT_ENGAGED', 'nothing engaged');
select ops.engage_kill_switch('why', 'orphan');
select is(pg_temp.judged(), 'REFUSE KILL_SWITCH', 'any source');
select is((select (govern.layer_01_kill_switch(o.cycle_id, o.run)).exit_code from opened as o), 11, 'exit 11');
select is((select (govern.layer_01_kill_switch(o.cycle_id, o.run)).evidence #>> '{sources,0,reason}' from opened as o), 'why', 'says why');
select * from finish();
rollback;

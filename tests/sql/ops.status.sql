-- Proves: status answers on an empty database and after a cycle; fund_monitor may ask.
begin;
select plan(6);
select is(ops.status() -> 'config', 'null'::jsonb, 'an empty database has a status');
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select ops.engage_kill_switch('why');
set local role fund_monitor;
select is(ops.status() #>> '{kill_sources,0,reason}', 'why', 'kill sources');
select is(ops.status() #>> '{cycles,0,state}', 'DONE', 'the last cycle');
select is(ops.status() #>> '{config,config_sha256}', fixtures.config_sha256(), 'the pinned configuration');
select is((ops.status() #>> '{nav,0,nav}')::numeric, 1000000::numeric, 'NAV');
reset role;
select * from finish();
rollback;

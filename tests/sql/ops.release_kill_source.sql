-- Proves: I14: the routine that deletes a source is nobodys to call.
begin;
select plan(6);
select ops.engage_kill_switch('r');
set local role fund_operator;
select throws_ok('select ops.release_kill_source(''row'', '''', ''x'')', '42501', null, 'not even the operator''s');
reset role;
select is(ops.release_kill_source('row', '', 'x'), true, 'it was engaged');
select is(ops.release_kill_source('row', '', 'x'), false, 'it is not any more');
select is((select count(*)::integer from ops.kill_sources), 0, 'nothing is engaged');
select ops.report_kill_file('h1', true), ops.report_kill_file('h2', true);
select ops.release_kill_source('file', 'h1', 'x');
select is((select array_agg(s.host) from ops.kill_sources as s), '{h2}'::text[], 'another host''s file stays');
select is((select count(*)::integer from notify.alerts as a where a.code = 'KILL_SOURCE_CLEARED'), 2, 'each clearing is heard');
select * from finish();
rollback;

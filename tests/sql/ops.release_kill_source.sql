-- Proves: I14: the routine that deletes a source is nobodys to call.
begin;
select plan(4);
select ops.engage_kill_switch('r');
set local role fund_operator;
select throws_ok('select ops.release_kill_source(''row'', '''', ''x'')', '42501', null, 'not even the operator''s');
reset role;
select is(ops.release_kill_source('row', '', 'x'), true, 'it was engaged');
select is(ops.release_kill_source('row', '', 'x'), false, 'it is not any more');
select is((select count(*)::integer from ops.kill_sources), 0, 'nothing is engaged');
select * from finish();
rollback;

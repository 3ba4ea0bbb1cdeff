-- Proves: I15: refused while anything is missing, with all of it told and kept; then once, with its alert and audit row.
begin;
select plan(19);
select fixtures.desk();
set local role fund_operator;
select results_eq('select r.item, r.is_clear, r.missing from ops.resume(''why'') as r where r.item = ''resumed''',
    $$values ('resumed'::text, false, 'trading was not stopped'::text)$$, 'nothing to resume from');
reset role;
select ops.engage_kill_switch('x');
set local role fund_operator;
select results_eq('select r.item from ops.resume('''') as r where not r.is_clear',
    $$values ('reason'::text), ('source row'), ('cooldown after row'), ('resumed')$$, 'everything missing at once');
reset role;
select is(ops.kill_engaged(false), true, 'refused');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'kill.resume_refused'), 1, 'the refusal is an audit row');
set local role fund_operator;
select ops.clear_kill_source('row', '', 'checked');
select is(ops.kill_engaged(false), true, 'clearing the last source resumes nothing');
select results_eq('select r.item from ops.resume(''checked'') as r where not r.is_clear',
    $$values ('cooldown after row'::text), ('resumed')$$, 'the cooldown runs');
reset role;
select ops.advance_clock('2020-01-06 21:45Z');
set local role fund_operator;
select is((select r.is_clear from ops.resume('checked') as r where r.item = 'resumed'), true, 'everything is there');
select is(ops.kill_engaged(false), false, 'trading may go on');
select is((select r.is_clear from ops.resume('checked') as r where r.item = 'resumed'), false, 'once');
reset role;
select results_eq('select r.reason, r.resumed_at from ops.resumptions as r',
    $$values ('checked'::text, timestamptz '2020-01-06 21:45Z')$$, 'its row, from which the ramp counts');
select results_eq('select r.killed_at, r.resumed_at, r.reason from audit.resumptions as r',
    $$values (timestamptz '2020-01-06 21:30Z', timestamptz '2020-01-06 21:45Z', 'checked'::text)$$, 'as analysts read it');
select is((select count(*)::integer from notify.alerts as a where a.code = 'TRADING_RESUMED'), 1, 'its alert');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'kill.resumed'), 1, 'its audit row');
select throws_ok('delete from ops.resumptions', 'MQ211', null, 'it stays');
select ops.engage_kill_switch('again');
select is(ops.kill_engaged(false), true, 'a later kill is not answered by it');
set local role fund_operator;
select ops.clear_kill_source('row', '', 'checked');
reset role;
select ops.advance_clock('2020-01-06 22:15Z');
set local role fund_operator;
select is((select r.is_clear from ops.resume('checked again') as r where r.item = 'resumed'), true, 'but by its own');
select is(ops.kill_engaged(false), false, 'which is for the last of all kills');
reset role;
-- The wall clock stands an hour behind what a run saw: it was set back.
select ops.engage_kill_switch('once more'), ops.clear_kill_source('row', '', 'checked'), ops.advance_clock('2020-01-06 23:15Z');
update decide.cycle_runs set recorded_before = clock_timestamp() + interval '1 hour';
select ops.resume('checked');
select is(max(r.recorded_at), (select max(r.recorded_before) + interval '1 microsecond' from decide.cycle_runs as r), 'behind every run that has begun')
from ops.resumptions as r;
set local role fund_decider;
select throws_ok('select ops.resume(''x'')', '42501', null, 'the decider resumes nothing');
reset role;
select * from finish();
rollback;

-- Proves: I14: each host reports its own file and only its report clears it; an unchanged report does nothing.
begin;
select plan(9);
select is(ops.report_kill_file('h1', false), false, 'no file, nothing to do');
select is(ops.report_kill_file('h1', true), true, 'the file appears');
select is(ops.report_kill_file('h1', true), false, 'it is still there');
select is(ops.report_kill_file('h2', false), false, 'another host sees none');
select is((select count(*)::integer from ops.kill_sources as s where s.source = 'file' and s.host = 'h1'), 1, 'and clears nothing');
select is(ops.report_kill_file('h1', false), true, 'the file goes');
select is((select count(*)::integer from ops.kill_sources), 0, 'so does its source');
select is((select count(*)::integer from ops.kill_events), 2, 'two events');
select throws_ok('select ops.report_kill_file('''', true)', 'MQ221', null, 'a host has a name');
select * from finish();
rollback;

-- Proves: I14: every word that engaged a source is kept until the source is cleared, of that source and host alone.
begin;
select plan(6);
select fixtures.desk();
select is_empty('select * from ops.engagements(''row'', '''')', 'nothing is engaged');
select ops.engage_kill_switch('x'), ops.engage_kill_switch('y'), ops.engage_kill_switch('y');
select ops.engage_kill_switch('z', 'file', 'h1'), ops.engage_kill_switch('z', 'file', 'h2');
select results_eq('select e.reason from ops.engagements(''row'', '''') as e order by e.event_id', array['x', 'y'], 'the first and another, each once');
select results_eq('select e.host from ops.engagements(''file'', ''h2'') as e', array['h2'], 'of its host');
select ops.clear_kill_source('row', '', 'looked');
select is_empty('select * from ops.engagements(''row'', '''')', 'until it is cleared');
select ops.engage_kill_switch('w');
select results_eq('select e.reason from ops.engagements(''row'', '''') as e', array['w'], 'what was before stays cleared');
delete from ops.kill_sources where source = 'row';
select is_empty('select * from ops.engagements(''row'', '''')', 'a source without its row is not engaged');
select * from finish();
rollback;

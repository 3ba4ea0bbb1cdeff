-- Proves: I21, I26: exactly one end, checked, with its audit events in the same transaction.
begin;
select plan(13);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select throws_ok('select decide.close_run(o.cycle_id, o.run, ''DONE'', null, ''DONE'', 0, ''{}'') from opened as o', 'MQ248', null, 'not DONE yet');
select throws_ok('select decide.close_run(o.cycle_id, o.run, ''FAILED'', null, '''', 1, ''{}'') from opened as o', 'MQ248', null, 'an end has a reason');
select lives_ok('select decide.close_run(o.cycle_id, o.run, ''FAILED'', null, ''CRASH'', 1, ''{}'') from opened as o', 'failed');
select is((select count(*)::integer from notify.alerts as a where a.code = 'CYCLE_FAILED'), 1, 'a failure is an alert');
select throws_ok('select decide.close_run(o.cycle_id, o.run, ''FAILED'', null, ''CRASH'', 1, ''{}'') from opened as o', 'MQ244', null, 'once');
select ops.engage_kill_switch('why');
select is(fixtures.cycle(), 'HALTED', 'the next run is halted');
select is((select array_agg(distinct d.final_decision) from audit.decisions as d), '{REJECT}'::text[], 'every symbol is rejected');
select ops.clear_kill_source('row', '', 'x');
select fixtures.resume();
select is(fixtures.cycle(), 'DONE', 'and the one after it done');
select is((select array_agg(l.event order by l.seq) from audit.audit_log as l where l.event like 'cycle.%'),
    '{cycle.failed,cycle.opened,cycle.halted,cycle.opened,cycle.done}'::text[], 'the chain tells it');
select is((select count(*)::integer from audit.decisions), 4, 'analysts see the DONE run''s decisions');
select is((select c.intact from audit.verify_chain() as c), true, 'intact');
-- The wall clock stands an hour behind the end of that run, the mark of its session too: it was set back.
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set closed_recorded_at = clock_timestamp() + interval '1 hour' where state = 'DONE';
alter table trade.nav disable trigger all;
update trade.nav set recorded_at = clock_timestamp() + interval '1 hour';
select is(fixtures.cycle('14:00'), 'DONE', 'another slot''s run ends on the mark it saw');
select is(max(r.closed_recorded_at) - min(r.closed_recorded_at), interval '1 microsecond', 'and is the newer one')
from decide.cycle_runs as r where r.state = 'DONE';
select * from finish();
rollback;

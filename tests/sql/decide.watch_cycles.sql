-- Proves: I26: the watchdog closes overdue runs and records the sessions whose cycle did not run, each once, with audit row and alert.
begin;
select plan(14);
select fixtures.fund();
select fixtures.open(p_lease_seconds => -1);
set local role fund_broker;
select is(decide.watch_cycles(), 1, 'one was overdue');
select is(decide.watch_cycles(), 0, 'none any more');
reset role;
select is((select r.reason from decide.cycle_runs as r), 'LEASE_OVER', 'why');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'cycle.failed'), 1, 'audited once');
select ops.advance_clock('2013-03-01 14:30:00+00');
select is(decide.watch_cycles(), 0, 'who moves a simulated clock decides what runs');
select is(u.as_of_session, '2013-02-28', 'the next cycle tells of it') from decide.unrun_sessions('paper', null) as u;
-- The wall clock: every session of the fixture's calendar is long over.
update ops.instances set kind = 'real';
select is((select count(*)::integer from decide.unrun_sessions('paper', null)), (select count(*)::integer from ref.sessions as s
    where s.calendar = 'XNYS' and s.session > '2013-02-27') - 1, 'as of the last session none: the calendar knows no session after it');
create temporary table found as select count(*)::integer as sessions from decide.unrun_sessions('paper', null);
grant select on found to fund_broker;
set local role fund_broker;
select is(decide.watch_cycles('paper'), (select f.sessions from found as f), 'on a real database they are missed');
select is(decide.watch_cycles('paper'), 0, 'told once');
reset role;
select is((select min(m.as_of_session) from audit.missed_cycles as m where m.account = 'paper' and m.ran_at is null and m.found_by = 'postgres'),
    '2013-02-28', 'a row each');
select is((select concat_ws(' ', a.level, a.category, a.account) from notify.alerts as a where a.code = 'CYCLE_MISSED'), 'HIGH SYSTEM paper', 'one alert');
select is((select convert_from(l.payload, 'UTF8')::jsonb -> 'body' from audit.audit_log as l where l.event = 'cycle.missed' order by l.seq limit 1),
    '{"as_of_session": "2013-02-28", "trade_session": "2013-03-01"}'::jsonb, 'audit rows');
set local role fund_notifier;
select throws_ok('select decide.watch_cycles()', '42501', null, 'for the broker worker and the daemon');
reset role;
select throws_ok('delete from decide.missed_cycles', 'MQ211', null, 'it stays');
select * from finish();
rollback;

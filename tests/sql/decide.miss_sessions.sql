-- Proves: I26: opening a cycle records the sessions before it that none ran for; a run that comes late is told beside them.
begin;
select plan(6);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(decide.miss_sessions('paper', null), '[]'::jsonb, 'nothing to tell');
select ops.advance_clock('2013-03-05 21:30+00');
select fixtures.open(p_session => '2013-03-04');
select is(string_agg(m.as_of_session::text, ' ' order by m.as_of_session), '2013-02-28 2013-03-01', 'those before the one that is opened') from decide.missed_cycles as m;
select is(a.message, 'no cycle of paper ran as of 2013-02-28 to 2013-03-01 (2 sessions): nothing was decided for the session after', 'one alert')
from notify.alerts as a where a.code = 'CYCLE_MISSED';
select is((select count(*)::integer from audit.audit_log as l where l.event = 'cycle.missed'), 2, 'an audit row each');
select decide.close_run(c.cycle_id, c.run, 'FAILED', null, 'TEST', 1, '{}') from decide.cycle_runs as c where c.state = 'OPEN';
select fixtures.open(p_session => '2013-03-01');
select is(m.ran_at, ops.now(), 'a run that came after all') from audit.missed_cycles as m where m.as_of_session = '2013-03-01';
select * from finish();
rollback;

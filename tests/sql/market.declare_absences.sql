-- Proves: a person declares missing sessions absent, by name, with a reason; no bar comes of it and the gate's count does not move.
begin;
select plan(16);
select fixtures.feed();
select fixtures.person('ann');
select fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 1], ["2020-01-07", 10, 11, 9, 10, 1]]');
set local session authorization fund_operator;
select throws_ok($$select market.declare_absences('TST', '{2020-01-03}', 'x')$$, 'MQ420', null, 'not the shared role');
set local session authorization fund_ingestor;
select throws_ok($$select market.declare_absences('TST', '{2020-01-03}', 'x')$$, '42501', null, 'no process');
set local session authorization fund_operator_ann;
select throws_ok($$select market.declare_absences('TST', '{2020-01-03}', '')$$, 'MQ550', null, 'no reason');
select throws_ok($$select market.declare_absences('TST', '{2020-01-03}', null)$$, 'MQ550', null, 'NULL is none');
select throws_ok($$select market.declare_absences('TST', '{}', 'x')$$, 'MQ550', null, 'no session');
select throws_ok($$select market.declare_absences('TST', null, 'x')$$, 'MQ550', null, 'NULL is none');
select throws_ok($$select market.declare_absences('TST', '{2020-01-03,2020-01-07}', 'x')$$, 'MQ550', null, 'one that has its bar');
select throws_ok($$select market.declare_absences('TST', '{2020-01-04}', 'x')$$, 'MQ550', null, 'a Saturday');
select throws_ok($$select market.declare_absences('TST', '{2020-01-08}', 'x')$$, 'MQ550', null, 'a session that is not over');
select throws_ok($$select market.declare_absences('TST', '{2020-01-03,NULL}', 'x')$$, 'MQ550', null, 'an element that is NULL');
select throws_ok($$select market.declare_absences('NONE', '{2020-01-03}', 'x')$$, 'MQ550', null, 'an unknown symbol');
select is(market.declare_absences('TST', '{2020-01-06,2020-01-03,2020-01-03}', 'halted'), 2, 'each once');
set local session authorization postgres;
select results_eq('select a.session, a.operator, a.reason, a.declared_at from market.absences as a order by a.session',
    $$values ('2020-01-03'::date, 'fund_operator_ann'::text, 'halted'::text, ops.now()), ('2020-01-06', 'fund_operator_ann', 'halted', ops.now())$$,
    'who and why');
select is((select c.sessions from market.session_counts(ops.now(), 'infinity', '{TST}') as c), 2, 'the gate counts bars');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'absence.declared'), 1, 'an audit row');
select is((select count(*)::integer from notify.alerts as a where a.code = 'ABSENCE_DECLARED'), 1, 'an alert');
select * from finish();
rollback;

-- Proves: analysts see a row per scenario with its loss, limit and action, and the crisis itself where it was measured.
begin;
select plan(2);
select fixtures.desk();
insert into decide.risk_checks (cycle_id, run, check_number, account, limit_name, scope, observed, threshold, action, factor, binding, reason)
select repeat('1', 32), 1, 100 + n, 'test', l, s, o, 0.25, a, f, a <> 'ALLOW', r
from (values (1, 'stress', 'scenario:covid', 0.3, 'SCALE', 0.25 / 0.3, 'STRESS'), (2, 'stress', 'scenario:rally', null, 'REJECT', 1, 'STRESS_UNKNOWN:BETA_NOT_FINITE'),
    (3, 'sector', 'scenario:no', 0.1, 'ALLOW', 1, 'WITHIN')) as v (n, l, s, o, a, f, r);
alter table decide.risk_states disable trigger all;
update decide.risk_states set figures = '{"window_covid": 0.2, "window_rally": null}', factors = factors || '{"stress_scale": 0.8}';
select fixtures.done();
set local role fund_analyst;
select results_eq(
    $$select s.scenario, s.loss, s.loss_limit, s.action, round(s.factor::numeric, 3), s.binding, s.reason, s.window_loss, s.stress_scale from audit.stress as s order by s.scenario$$,
    $$values ('covid'::text, 0.3::float8, 0.25::float8, 'SCALE'::text, 0.833, true, 'STRESS'::text, 0.2::float8, 0.8::float8),
        ('rally', null, 0.25, 'REJECT', 1.000, true, 'STRESS_UNKNOWN:BETA_NOT_FINITE', null, 0.8)$$, 'scenarios'
);
select results_eq($$select distinct s.account, s.mode, s.as_of_session, s.slot from audit.stress as s$$, $$values ('test'::text, 'paper'::text, date '2020-01-06', 'close'::text)$$, 'of whom and when');
reset role;
select * from finish();
rollback;

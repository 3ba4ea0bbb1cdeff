-- Proves: analysts see the risk state of a cycle's final run beside the limits it was decided under, tightened or not since.
begin;
select plan(6);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select fixtures.person('ann');
set local role fund_operator_ann;
select govern.tighten_limit('var', 0.03, 'test');
set local role fund_analyst;
select results_eq(
    $$select s.account, s.mode, s.as_of_session, s.trade_session, s.run_state, s.state, s.phase, s.sessions, s.tier, s.rebased from audit.risk_states as s$$,
    $$values ('paper'::text, 'paper'::text, date '2013-02-27', date '2013-02-28', 'DONE'::text, 'ALLOW'::text, 'NORMAL'::text, 0, 0, false)$$, 'where it stands'
);
select results_eq(
    $$select s.var_95, s.var_limit, s.cvar_95, s.cvar_post_trade, s.cvar_decision_limit, s.cvar_hard_limit, s.volatility, s.volatility_limit from audit.risk_states as s$$,
    $$values (0.01::float8, 0.04::float8, 0.015::float8, 0.01::float8, 0.05::float8, 0.06::float8, 0.1::float8, 0.3::float8)$$, 'figures and the limits of the run'
);
select results_eq(
    $$select s.drawdown, s.drawdown_limit, s.loss, s.loss_limit, s.cvar_breaches, s.cvar_breaches_limit, s.soft, s.limit_scale from audit.risk_states as s$$,
    $$values (0::float8, 0.18::float8, null::float8, 0.25::float8, 0, 3::float8, 0.2::float8, null::float8)$$, 'a figure nobody measured is NULL, never 0'
);
select results_eq($$select count(distinct s.limits_sha256) from audit.risk_states as s join audit.cycles as c using (cycle_id, limits_sha256)$$, array[1::bigint], 'the set is the cycle''s');
select throws_ok('select * from decide.risk_states', '42501', null, 'and not the table beneath');
reset role;
select * from finish();
rollback;

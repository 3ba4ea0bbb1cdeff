-- Proves: analysts see the regime of a cycle's final run, what it rests on, and the action of the newest check of it.
begin;
select plan(3);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
insert into decide.risk_checks (cycle_id, run, check_number, account, limit_name, observed, threshold, action, factor, binding, reason)
select c.cycle_id, 1, 100 + n, 'paper', 'regime', 0.7, 0.6, a, f, true, 'REGIME'
from decide.cycles as c, (values (1, 'SCALE', 0.7), (2, 'REJECT', 1)) as v (n, a, f);
set local role fund_analyst;
select results_eq(
    $$select g.account, g.as_of_session, g.name, g.method, g.high_probability, g.reason, g.volatility, g.trend, g.refitted, g.fit_session from audit.regimes as g$$,
    $$values ('paper'::text, date '2013-02-27', 'UNCERTAIN'::text, 'none'::text, null::float8, 'TOO_FEW_RETURNS'::text, 'UNKNOWN'::text, 'UNKNOWN'::text, false, null::date)$$, 'unsure, and why'
);
select results_eq($$select g.action, g.factor from audit.regimes as g$$, $$values ('REJECT'::text, 1::float8)$$, 'what it did');
reset role;
select * from finish();
rollback;

-- Proves: analysts see one row per cycle and layer, and the cycle, its checks and limits beside it.
begin;
select plan(7);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
set local role fund_analyst;
select is((select array_agg(g.layer order by g.layer) from audit.gate_verdicts as g), array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'eleven layers');
select results_eq('select c.state, c.reason, c.run, c.account, c.trade_session from audit.cycles as c', $$values ('DONE'::text, 'DONE'::text, 1, 'paper'::text, date '2013-02-28')$$, 'the cycle');
select is((select count(*)::integer from audit.risk_checks), 12, 'its checks');
select is((select count(*)::integer from audit.limit_findings), 0, 'none bound');
select results_eq('select h.config_sha256, h.reason, h.replaced_at from audit.config_history as h', $$values (fixtures.config_sha256(), 'fixture'::text, null::timestamptz)$$, 'the configuration');
select throws_ok('select * from decide.decisions', '42501', null, 'and not the tables beneath');
reset role;
select * from finish();
rollback;

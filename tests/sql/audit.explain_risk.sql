-- Proves: A1, A2, A13: the limits of a symbol are its own, its sector's and the portfolio's, in the order of evaluation.
begin;
select plan(3);
select fixtures.desk();
alter table decide.risk_checks disable trigger all;
alter table decide.risk_states disable trigger all;
delete from decide.risk_checks;
delete from decide.risk_states;
insert into decide.risk_checks (
    cycle_id, run, check_number, account, limit_name, symbol, scope, observed, threshold, action, factor, binding, reason
) values
(repeat('1', 32), 1, 1, 'test', 'name_concentration', 'AAA', 'symbol', 0.1, 0.1, 'SCALE', 1, true, 'CUT_TO_CAP'),
(repeat('1', 32), 1, 2, 'test', 'name_concentration', 'BBB', 'symbol', 0.1, 0.1, 'SCALE', 1, true, 'CUT_TO_CAP'),
(repeat('1', 32), 1, 3, 'test', 'sector', null, 'sector:Energy', 0.1, 0.15, 'ALLOW', 1, false, 'WITHIN'),
(repeat('1', 32), 1, 4, 'test', 'sector', null, 'sector:Utilities', 0.1, 0.15, 'ALLOW', 1, false, 'WITHIN'),
(repeat('1', 32), 1, 5, 'test', 'var', null, 'portfolio', 0.01, 0.04, 'ALLOW', 1, false, 'WITHIN'),
(repeat('1', 32), 1, 6, 'test', 'stress', null, 'scenario:covid', 0.3, 0.25, 'REJECT', 1, true, 'STRESS');
select is(
    jsonb_path_query_array(audit.explain_risk(repeat('1', 32), 1, 'AAA'), '$.checks[*].scope'),
    '["symbol", "sector:Energy", "portfolio", "scenario:covid"]'::jsonb,
    'its own, its sector''s, the portfolio''s, and a scenario''s, which is the portfolio''s'
);
select is(audit.explain_risk(repeat('1', 32), 1, 'AAA') -> 'state', 'null'::jsonb, 'an unfinished run has no state');
select is(audit.explain_risk('nothing', 1, 'AAA'), '{"state": null, "checks": []}'::jsonb, 'an unknown run');
select * from finish();
rollback;

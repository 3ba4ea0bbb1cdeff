-- Proves: W, D6, D7b, S, D1, A15: each step recomputed from what is stored adds up; a figure changed alone does not.
begin;
select plan(9);
select fixtures.desk();
alter table decide.model_outputs disable trigger all;
alter table decide.decisions disable trigger all;
delete from decide.model_outputs;
insert into decide.model_outputs (cycle_id, run, account, symbol, agent, family, score, mu, sigma, confidence, abstained, reasons) values
(repeat('1', 32), 1, 'test', 'AAA', 'technical', 'trend', 1, 0.1, 0.2, 0.9, false, '["UP"]'),
(repeat('1', 32), 1, 'test', 'AAA', 'valuation', 'value', -1, -0.02, 0.2, 0.9, false, '["DEAR"]'),
(repeat('1', 32), 1, 'test', 'AAA', 'macro', 'world', null, null, null, null, true, '["NO_DATA"]');
select fixtures.decided('AAA', 95);
-- Scores 1 and -1 with weights 0.75 and 0.25: mean 0.5, variance 1 - 0.25 = 0.75; mu 0.75 x 0.1 - 0.25 x 0.02 = 0.07.
update decide.decisions set
    mu_hat = 0.07 * 0.5 * exp(-0.5 * 0.75::double precision), sigma_hat = 0.2,
    conviction = 0.07 * 0.5 * exp(-0.5 * 0.75::double precision) / 0.2,
    agent_results = '{"technical": {"weight": 0.75}, "valuation": {"weight": 0.25}, "macro": {"weight": 0}}',
    metadata = jsonb_build_object(
        'coverage', 0.5, 'coverage_counts', true, 'mu_mean', 0.07, 'variance_score', 0.75,
        'penalty', exp(-0.5 * 0.75::double precision), 'disagreement_beta', 0.5, 'kelly_gamma', 0.3,
        'kelly', 0.3 * 0.07 * 0.5 * exp(-0.5 * 0.75::double precision) / 0.04, 'validation', 'PASS', 'request', 0.18, 'award', 0.1,
        'bound', 'CAP_NAME', 'after_turnover', 0.1, 'after_cvar', 0.1, 'limit_factor', 0.8, 'soft_factor', 0.5, 'target', 0.04,
        'held_weight', 0.01, 'scale_rule', 'SCALED'
    )
where symbol = 'AAA';
create function pg_temp.steps(p_adds_up text default null) returns text language sql as $$
    select string_agg(a ->> 'step', ', ' order by position)
    from jsonb_array_elements(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA')) with ordinality as e (a, position)
    where p_adds_up is null or a ->> 'adds_up' = p_adds_up
$$;
select is(pg_temp.steps(), 'consensus, disagreement, penalty, expected return, conviction, risk agent, portfolio agent, bid, grant, '
    'after turnover, after CVaR, final weight', 'every step');
select is(pg_temp.steps('true'), 'consensus, disagreement, penalty, expected return, conviction, portfolio agent, final weight',
    'and what can be redone adds up');
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA') #>> '{0,formula}', '0.75 x 0.1 technical + 0.25 x -0.02 valuation', 'in numbers');
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA') #>> '{8,formula}', 'bound by CAP_NAME', 'what bound');
update decide.decisions set mu_hat = 0.05 where symbol = 'AAA';
select is(pg_temp.steps('false'), 'expected return, conviction, portfolio agent', 'a figure changed alone');
update decide.decisions set metadata = metadata || '{"target": 0.01, "scale_rule": "REDUCE_ONLY"}' where symbol = 'AAA';
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA') #> '{11,adds_up}', 'true', 'reduce only: no further than what is held');
update decide.decisions set metadata = metadata || '{"target": 0.01, "scale_rule": "HELD_STILL", "after_cvar": 0.3}' where symbol = 'AAA';
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA') #> '{11,adds_up}', 'true', 'held still');
update decide.decisions set metadata = metadata || '{"target": 0.02}' where symbol = 'AAA';
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA') #> '{11,adds_up}', 'false', 'and nothing else');
update decide.decisions set metadata = '{"held_weight": 0}' where symbol = 'AAA';
select is(audit.explain_arithmetic(repeat('1', 32), 1, 'AAA'), null, 'refused before signals');
select * from finish();
rollback;

-- Proves: D7, W: views and abstentions of a run by agent, with the weight the decision gave them.
begin;
select plan(3);
select fixtures.desk();
alter table decide.model_outputs disable trigger all;
delete from decide.model_outputs;
insert into decide.model_outputs (cycle_id, run, account, symbol, agent, family, score, mu, sigma, confidence, abstained, reasons) values
(repeat('1', 32), 1, 'test', 'AAA', 'technical', 'trend', 1, 0.1, 0.2, 0.9, false, '["UP"]'),
(repeat('1', 32), 1, 'test', 'AAA', 'macro', 'world', null, null, null, null, true, '["NO_DATA"]');
select fixtures.decided('AAA', 95);
select is(jsonb_path_query_array(audit.explain_agents(repeat('1', 32), 1, 'AAA'), '$[*].agent'), '["macro", "technical"]'::jsonb, 'by name');
select is(audit.explain_agents(repeat('1', 32), 1, 'AAA') -> 0, '{"agent": "macro", "family": "world", "abstained": true, "score": null, "mu": null,
    "sigma": null, "confidence": null, "weight": null, "reasons": ["NO_DATA"]}'::jsonb, 'an abstention');
select is(audit.explain_agents(repeat('1', 32), 1, 'BBB'), '[]'::jsonb, 'nobody was asked');
select * from finish();
rollback;

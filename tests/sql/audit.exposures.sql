-- Proves: analysts see, by sector and side, what was held and what the decisions lead to; a bucket before a sector; no row for nothing.
begin;
select plan(1);
select fixtures.desk();
insert into decide.decisions (
    cycle_id, symbol, "timestamp", final_decision, position_size, reason_codes, data_quality_score, provider_confidence, agent_results,
    risk_checks, metadata, account, run
)
select repeat('1', 32), s, '2020-01-06 21:30+00', 'HOLD', p, '["HELD"]', 1, 1, '{}', '[]', m::jsonb, 'test', 1
from (values ('AAA', 0.08, '{"held_weight": 0.05, "bucket": "Energy"}'), ('BBB', 0.02, '{"held_weight": 0.03}'),
    ('CCC', -0.04, '{"held_weight": 0, "bucket": "Index"}'), ('DDD', 0, '{"held_weight": 0}')) as v (s, p, m);
select fixtures.done();
set local role fund_analyst;
select results_eq(
    $$select e.account, e.as_of_session, e.sector, e.side, e.held_symbols, round(e.held::numeric, 4), e.decided_symbols, round(e.decided::numeric, 4) from audit.exposures as e order by e.sector$$,
    $$values ('test'::text, date '2020-01-06', 'Energy'::text, 'LONG'::text, 2, 0.0800, 2, 0.1000), ('test', '2020-01-06', 'Index', 'SHORT', 0, 0, 1, 0.0400)$$, 'by sector and side'
);
reset role;
select * from finish();
rollback;

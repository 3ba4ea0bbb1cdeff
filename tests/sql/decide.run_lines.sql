-- Proves: I22, I24: every set a run decides is there, row by row, without wall instants.
begin;
select plan(5);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select results_eq(
    $$select l.part, count(*)::integer from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l group by l.part order by l.part collate "C"$$,
    $$values ('decisions', 4), ('model_outputs', 2), ('regime_states', 1), ('risk_checks', 12), ('risk_states', 1), ('symbol_states', 1)$$, 'each row of each set'
);
select is_empty(
    $$select 1 from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l where l.line ?| array['cycle_id', 'run', 'account', 'recorded_at']$$,
    'nothing that another machine would have otherwise'
);
select is(l.line ?| array['reject_sessions_left'], false, 'a risk state is told by the protocol')
from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l where l.part = 'risk_states';
-- One from before it: the chain has the digest of exactly this.
alter table decide.risk_states disable trigger all;
update decide.risk_states set phase = null, phase_session = null, tier = null, cvar_breaches = null, rebased = null, volatility = null, figures = null,
    reject_sessions_left = 3;
select is(l.line - array['factors'], '{"as_of_session": "2013-02-27", "slot": "close", "state": "ALLOW", "var_95": 0.01, "cvar_95": 0.015, "cvar_post_trade": 0.01,
    "drawdown": 0, "gross": 0.1, "net": 0.1, "reject_sessions_left": 3}'::jsonb, 'one from before it reads as it did then')
from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l where l.part = 'risk_states';
select * from finish();
rollback;

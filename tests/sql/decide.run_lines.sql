-- Proves: I22, I24: every set a run decides is there, row by row, without wall instants.
begin;
select plan(3);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select results_eq(
    $$select l.part, count(*)::integer from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l group by l.part order by l.part collate "C"$$,
    $$values ('decisions', 4), ('model_outputs', 2), ('risk_checks', 9), ('risk_states', 1), ('symbol_states', 1)$$, 'each row of each set'
);
select is_empty(
    $$select 1 from decide.cycles as c cross join lateral decide.run_lines(c.cycle_id, 1) as l where l.line ?| array['cycle_id', 'run', 'account', 'recorded_at']$$,
    'nothing that another machine would have otherwise'
);
select * from finish();
rollback;

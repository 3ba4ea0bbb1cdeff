-- Proves: analysts see each agent's view of the concluded run once, with its weight.
begin;
select plan(2);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a run');
set local role fund_analyst;
select results_eq('select m.symbol, m.agent, m.score, m.weight from audit.model_outputs as m order by m.symbol',
    $$values ('AAA'::text, 'technical'::text, 1.2::float8, null::float8), ('BBB', 'technical', 1.2, null)$$, 'its views');
reset role;
select * from finish();
rollback;

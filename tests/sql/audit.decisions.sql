-- Proves: the fifteen fields of the specification, exactly and in its order; one row per symbol of each cycles concluded run.
begin;
select plan(5);
select is(
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute as a where a.attrelid = 'audit.decisions'::regclass and a.attnum > 0 and not a.attisdropped),
    '{cycle_id,symbol,timestamp,final_decision,position_size,stop_loss,reason_codes,mu_hat,sigma_hat,conviction,data_quality_score,provider_confidence,agent_results,risk_checks,metadata}'::text[],
    'fifteen columns, in order'
);
select fixtures.fund();
select ops.engage_kill_switch('why');
select is(fixtures.cycle(), 'HALTED', 'a halted run');
set local role fund_analyst;
select is((select count(*)::integer from audit.decisions as d where d.reason_codes ? 'HALT_1'), 4, 'its decisions are seen');
reset role;
select ops.clear_kill_source('row', '', 'x');
select fixtures.resume();
select is(fixtures.cycle(), 'DONE', 'the next run is done');
select results_eq('select d.symbol, d.final_decision from audit.decisions as d order by d.symbol',
    $$values ('AAA'::text, 'EXECUTE_BUY'::text), ('BBB', 'EXECUTE_BUY'), ('CCC', 'REJECT'), ('DDD', 'REJECT')$$, 'each symbol once, the DONE run''s');
select * from finish();
rollback;

-- Proves: a limit that cut is told once, of the run whose decisions count, with the sector or scenario it cut.
begin;
select plan(4);
select fixtures.fund();
create or replace function fixtures.checks() returns jsonb language sql immutable as $$
    select jsonb_agg(jsonb_build_object(
        'limit_name', l.name, 'scope', l.scope, 'symbol', null, 'observed', l.threshold, 'threshold', l.threshold,
        'action', case when l.name = 'sector' then 'SCALE' else 'ALLOW' end, 'factor', 1, 'binding', l.name = 'sector',
        'reason', 'CUT_TO_CAP'
    ))
    from (values
        ('name_concentration', 'portfolio', 0.1), ('sector', 'sector:Energy', 0.15), ('sector', 'sector:Financials', 0.15),
        ('long', 'portfolio', 0.6), ('short', 'portfolio', 0.4), ('gross', 'portfolio', 1.0), ('turnover', 'portfolio', 0.2),
        ('drawdown', 'portfolio', 0.18), ('var', 'portfolio', 0.04), ('cvar_hard', 'portfolio', 0.06),
        ('stress', 'scenario:covid', 0.25), ('correlation', 'portfolio', 0.7), ('volatility', 'portfolio', 0.15)
    ) as l (name, scope, threshold)
$$;
-- Run 1 measured its risk and was halted all the same; run 2 of the same cycle was done.
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select fixtures.inputs(o.cycle_id, o.run) from opened as o;
select fixtures.results(o.cycle_id, o.run) from opened as o;
alter table decide.gate_verdicts disable trigger all;
update decide.gate_verdicts set verdict = 'REFUSE', reason_code = 'LIMIT_NOT_EVALUATED' where layer = 6;
alter table decide.gate_verdicts enable trigger all;
select decide.record_decisions(o.cycle_id, o.run, fixtures.decisions(o.cycle_id, o.run, 6)) from opened as o;
select govern.conclude(o.cycle_id, o.run) from opened as o;
select decide.close_run(o.cycle_id, o.run, 'HALTED', 6, 'LIMIT_NOT_EVALUATED', 10, '{}') from opened as o;
prepare findings as select f.run, f.limit_name, f.scope from audit.limit_findings as f order by f.run, f.limit_name, f.scope;
select results_eq('findings', $$values (1, 'sector'::text, 'sector:Energy'::text), (1, 'sector', 'sector:Financials')$$, 'what cut, sector by sector');
select is(fixtures.cycle(), 'DONE', 'the cycle is run again');
set local role fund_analyst;
select results_eq('findings', $$values (2, 'sector'::text, 'sector:Energy'::text), (2, 'sector', 'sector:Financials')$$, 'the run that counts, once');
select is((select count(*)::integer from audit.limit_findings), (select count(*)::integer from audit.risk_checks as r where r.binding), 'as audit.risk_checks says');
reset role;
select * from finish();
rollback;

-- Proves: I17, I20 (which limits the stages must evaluate, and what is wrong with one; what had to be pinned only is there where it is not).
begin;
select plan(4);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.faults() returns text language sql as $$
    select string_agg(concat_ws(' ', f.limit_name, f.is_required, f.fault), ', ' order by f.limit_name)
    from opened as o, govern.risk_limit_faults(o.cycle_id, o.run) as f where f.fault is not null
$$;
select is(string_agg(f.limit_name, ' ' order by f.limit_name), 'correlation cvar_hard drawdown gross long name_concentration sector short stress turnover var volatility',
    'twelve, each unlooked at') from opened as o, govern.risk_limit_faults(o.cycle_id, o.run) as f where f.fault = 'NOT_EVALUATED';
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select decide.record_risk(o.cycle_id, o.run, jsonb_set(fixtures.checks() - 6, '{6,observed}', 'null'), fixtures.risk_state(), '[]') from opened as o;
select is(pg_temp.faults(), 'drawdown t NOT_EVALUATED, var t UNKNOWN_PASSED', 'one left out, one unknown');
select is((select count(*) from opened as o, govern.risk_limit_faults(o.cycle_id, o.run) as f), 12::bigint, 'a row each, with a fault or without');
select fixtures.pin('golden: 3', (select jsonb_agg(l) from jsonb_array_elements(fixtures.limits()) as l where l ->> 'limit_name' <> 'kill_loss'));
select is(pg_temp.faults(), 'drawdown t NOT_EVALUATED, kill_loss f LIMIT_MISSING, var t UNKNOWN_PASSED', 'and one that no row of a run is about');
select * from finish();
rollback;

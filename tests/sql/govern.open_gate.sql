-- Proves: I17, I18: every way dbts relations can be wrong is a refusing row, not an exception, and halts the run.
begin;
select plan(22);
select fixtures.fund();
create function pg_temp.gate() returns text language plpgsql as $$
declare
    v_opened record := fixtures.open(p_lease_seconds => -1);
begin
    return (select string_agg(g.layer || ' ' || g.verdict || ' ' || g.reason_code, ', ' order by g.layer) from govern.open_gate(v_opened.cycle_id, v_opened.run) as g);
end $$;
create function pg_temp.broken(p_sql text) returns text language plpgsql as $$
declare
    v_verdicts text;
begin
    begin
        set local role fund_transformer;
        execute p_sql;
        reset role;
        v_verdicts := pg_temp.gate();
        raise exception using errcode = 'P0099', message = v_verdicts;
    exception when sqlstate 'P0099' then
        return regexp_replace(sqlerrm, '^1 PASS NOT_ENGAGED, ', '');
    end;
end $$;
select is(pg_temp.gate(), '1 PASS NOT_ENGAGED, 2 PASS CLASSIFIED, 3 PASS ENOUGH_SESSIONS, 4 PASS QUALITY_SUFFICIENT', 'everything in order');
select matches(pg_temp.broken('drop table quality.symbol_governance'), '^2 REFUSE GOVERNANCE_MISSING', 'governance missing');
select matches(pg_temp.broken('delete from quality.symbol_governance'), '^2 REFUSE GOVERNANCE_EMPTY', 'governance empty');
select matches(pg_temp.broken('insert into quality.symbol_governance select * from quality.symbol_governance where symbol = ''AAA'''), '^2 REFUSE GOVERNANCE_DUPLICATE', 'a symbol twice');
select matches(pg_temp.broken('update quality.symbol_governance set as_of_session = ''2013-02-26'' where symbol = ''AAA'''), '^2 REFUSE GOVERNANCE_WRONG_SESSION', 'yesterday''s row');
select matches(pg_temp.broken('update quality.symbol_governance set state = null where symbol = ''AAA'''), '^2 REFUSE GOVERNANCE_STATE_UNKNOWN', 'a NULL state');
select matches(pg_temp.broken('update quality.symbol_governance set state = ''QUARANTINED'''), '^2 REFUSE NO_ACTIVE_SYMBOL', 'none active');
select matches(pg_temp.broken('alter table quality.symbol_governance rename to t; create view quality.symbol_governance as select * from quality.t'), '^2 REFUSE GOVERNANCE_NOT_PLAIN', 'a view in its place');
select matches(pg_temp.broken('update quality.data_quality set score = ''NaN'' where symbol = ''AAA'''), '4 REFUSE QUALITY_NOT_FINITE$', 'NaN score');
select matches(pg_temp.broken('update quality.data_quality set provider_confidence = ''Infinity'' where symbol = ''AAA'''), '4 REFUSE QUALITY_NOT_FINITE$', 'infinite confidence');
select matches(pg_temp.broken('update quality.data_quality set symbol = null where symbol = ''AAA'''), '4 REFUSE QUALITY_SYMBOL_NULL$', 'a NULL symbol');
select matches(pg_temp.broken('delete from features.company_features'), '4 REFUSE COMPANY_EMPTY$', 'companies empty');
select matches(pg_temp.broken('insert into features.company_features select * from features.company_features where symbol = ''AAA'''), '4 REFUSE COMPANY_DUPLICATE$', 'companies doubled');
select matches(pg_temp.broken('delete from features.features'), '4 REFUSE FEATURES_EMPTY$', 'features empty');
select matches(pg_temp.broken('delete from features.features where session = ''2013-02-27'''), '4 REFUSE FEATURES_EMPTY$', 'only yesterday''s features');
select matches(pg_temp.broken('insert into features.features select * from features.features where symbol = ''AAA'''), '4 REFUSE FEATURES_DUPLICATE$', 'features doubled');
select matches(pg_temp.broken('update features.features set known_at = known_at + interval ''1 minute'''), '4 REFUSE NO_ACTIVE_SYMBOL$', 'features from the future close their symbols');
select matches(pg_temp.broken('update features.features set rsi_14 = ''Infinity'''), '4 REFUSE NO_ACTIVE_SYMBOL$', 'infinite features close their symbols');
select is((select count(*)::integer from decide.gate_verdicts as g where g.run = 1), 4, 'four rows');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'cycle.opened'), 1, 'and the audit row');
select throws_ok('select govern.open_gate(r.cycle_id, r.run) from decide.cycle_runs as r', 'MQ245', null, 'once per run');
create temp table symbol_governance as select 'AAA' as symbol;
select matches(pg_temp.broken('select 1'), '^2 PASS CLASSIFIED, 3 PASS', 'a temporary table shadows nothing');
select * from finish();
rollback;

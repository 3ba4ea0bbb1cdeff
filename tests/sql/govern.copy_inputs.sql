-- Proves: I8, I18, F5, F6: one row per active symbol: dbts rows, the gates recount, the stricter verdict; one bad symbol closes itself only.
begin;
select plan(18);
select fixtures.fund();
create function pg_temp.copied() returns void language plpgsql as $$
declare
    v_opened record := fixtures.open(p_lease_seconds => -1);
begin
    perform govern.copy_inputs(r, c) from decide.cycle_runs as r join decide.cycles as c on c.cycle_id = r.cycle_id
    where r.cycle_id = v_opened.cycle_id and r.run = v_opened.run;
end $$;
create function pg_temp.seen(p_symbol text) returns text language sql as $$
    select i.governance_state || ' ' || array_to_string(i.governance_reasons, ',') from decide.cycle_inputs as i where i.symbol = p_symbol order by i.run desc limit 1
$$;
select pg_temp.copied();
select is((select count(*)::integer from decide.cycle_inputs), 4, 'a row per active symbol');
select is(pg_temp.seen('AAA'), 'ACTIVE ', 'active');
select is(pg_temp.seen('CCC'), 'QUARANTINED HISTORY_SHORT', 'short');
select is(pg_temp.seen('DDD'), 'QUARANTINED NO_HISTORY,NO_BARS,NO_FEATURES,QUALITY_LOW', 'without bars');
select is(
    (select i.features from decide.cycle_inputs as i where i.symbol = 'AAA'),
    '{"rsi_14": 55.5, "close_adj": 100, "momentum_21": 0.1, "earnings_yield": 0.05}'::jsonb, 'prices and company side by side'
);
savepoint s;
set local role fund_transformer;
update features.company_features set sentiment_score = 'NaN' where symbol = 'AAA';
update features.company_features set known_at = '2013-02-27 21:30:00.000001Z' where symbol = 'BBB';
delete from features.company_features where symbol = 'CCC';
reset role;
select pg_temp.copied();
select is(pg_temp.seen('AAA'), 'QUARANTINED COMPANY_NOT_FINITE', 'NaN of a company');
select is(pg_temp.seen('BBB'), 'QUARANTINED COMPANY_FROM_FUTURE', 'filed a microsecond after as_of');
select is(pg_temp.seen('CCC'), 'QUARANTINED HISTORY_SHORT,NO_COMPANY_FEATURES', 'no row that says nothing was filed');
rollback to s;
set local role fund_transformer;
update features.company_features set known_at = '2013-02-27 21:30Z' where symbol = 'BBB';
reset role;
select pg_temp.copied();
select is(pg_temp.seen('BBB'), 'ACTIVE ', 'filed at as_of');
rollback to s;
select trade.report_break('paper', 'POSITION', 'AAA', null, '{}');
select pg_temp.copied();
select is(pg_temp.seen('AAA'), 'QUARANTINED BREAK_POSITION', 'one whose books differ from the broker''s');
rollback to s;
set local role fund_transformer;
update features.features set known_at = '2013-02-27 20:59:59Z' where symbol = 'BBB';
reset role;
select pg_temp.copied();
select is(pg_temp.seen('BBB'), 'QUARANTINED FEATURES_STALE', 'known before the close of the session it is dated');
set local role fund_transformer;
update features.features set momentum_21 = 'NaN' where symbol = 'AAA';
update features.features set known_at = '2013-02-27 21:30:00.000001Z' where symbol = 'BBB';
update quality.symbol_governance set state = 'ACTIVE', valid_sessions = 9999, reasons = '{}' where symbol in ('CCC', 'DDD');
reset role;
select pg_temp.copied();
select is(pg_temp.seen('AAA'), 'QUARANTINED FEATURES_NOT_FINITE', 'NaN in its features');
select is(pg_temp.seen('BBB'), 'QUARANTINED FEATURES_FROM_FUTURE', 'known a microsecond after as_of');
select is(pg_temp.seen('CCC'), 'DEGRADED HISTORY_SHORT', 'dbt cannot open what the gate counts short');
select is(pg_temp.seen('DDD'), 'QUARANTINED NO_BARS,NO_FEATURES,QUALITY_LOW', 'or what has no bars');
select is((select i.features from decide.cycle_inputs as i where i.symbol = 'AAA' order by i.run desc limit 1), '{}'::jsonb, 'no features of a closed symbol');
set local role fund_transformer;
alter table quality.data_quality add column missing_fraction double precision default 'NaN';
reset role;
select pg_temp.copied();
select is(
    (select i.quality from decide.cycle_inputs as i where i.symbol = 'AAA' order by i.run desc limit 1),
    '{"vetoes": [], "missing_fraction": "NaN"}'::jsonb, 'what the score is made of comes along as it is and decides nothing'
);
select is(pg_temp.seen('CCC'), 'DEGRADED HISTORY_SHORT', 'not even where it is no number');
select * from finish();
rollback;

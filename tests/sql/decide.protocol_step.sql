-- Proves: I19, A6, A7: the step from rows alone: drawdown from the tactical mark, the session a phase counts from; unmarked is unknown.
begin;
select plan(6);
select fixtures.fund();
create function pg_temp.step(p_volatility float8 default 0.1, p_var float8 default 0.01, p_cvar float8 default 0.01, p_run jsonb default '{}') returns text language sql as $$
    select concat_ws(' ', s.drawdown, s.phase_session, (s.step).event, (s.step).phase, (s.step).sessions, (s.step).tier, (s.step).cvar_breaches)
    from decide.cycle_runs as r, decide.protocol_step(jsonb_populate_record(r, p_run), p_volatility, p_var, p_cvar) as s
$$;
select o.outcome from fixtures.open() as o;
select is(pg_temp.step(), '0 2013-02-27 otherwise NORMAL 0 0 0', 'a first day');
select is(pg_temp.step(p_cvar => 0.07), '0 2013-02-27 otherwise NORMAL 0 0 1', 'its CVaR counts');
alter table trade.nav disable trigger all;
update trade.nav set nav_index = 0.75;
insert into trade.nav (account, session, cash, long_value, short_value, nav, net_flow, nav_index, lifetime_mark, tactical_mark, marked_at)
values ('paper', '2013-02-26', 1000000, 0, 0, 1000000, 0, 1, 1, 1, ops.now());
select is(pg_temp.step(), '0.25 2013-02-27 drawdown DRAWDOWN 0 0 0', 'from the highest index');
select is(pg_temp.step(0.31), '0.25 2013-02-27 tier_three FREEZE 0 0 0', 'with volatility above');
update trade.nav set nav_index = 1.1, lifetime_mark = 1.1, tactical_mark = 1.1 where session = '2013-02-27';
select is(pg_temp.step(), '0 2013-02-27 otherwise NORMAL 0 0 0', 'a new high is no drawdown');
select is(pg_temp.step(p_run => '{"recorded_before": "2013-01-01"}'), '2013-02-27 drawdown DRAWDOWN 0 0 0', 'a mark from after the run looked is none: unknown, above');
select * from finish();
rollback;

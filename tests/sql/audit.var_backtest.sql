-- Proves: the next session's loss against the VaR decided before it; what cannot fail is not compared; counts and light over 250.
begin;
select plan(9);
select fixtures.desk();
-- 300 sessions of a day each behind the desk's; of each a DONE cycle with a VaR of 2 %, and a mark.
create function pg_temp.day(p_n integer) returns date language sql as $$select date '2021-01-01' + p_n$$;
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
select 'XTST', pg_temp.day(n), pg_temp.day(n) + interval '14 hours', pg_temp.day(n) + interval '21 hours', false, 1000 + n from generate_series(0, 300) as n;
insert into decide.cycles (cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at)
select md5(n::text), 'test', 'paper', 's', pg_temp.day(n), 'close', repeat('a', 64), pg_temp.day(n), pg_temp.day(n + 1), ops.now() from generate_series(0, 299) as n;
insert into decide.cycle_runs (cycle_id, run, account, state, opened_at, recorded_before, lease_until, host, pid, code_version, versions, reason, closed_at, closed_recorded_at)
select md5(n::text), 1, 'test', 'DONE', ops.now(), clock_timestamp(), clock_timestamp(), 'h', 1, 'v', '{}', 'DONE', ops.now(), clock_timestamp() from generate_series(0, 299) as n;
insert into decide.risk_states (cycle_id, run, account, as_of_session, slot, state, gross, net, factors, phase, phase_session, tier, cvar_breaches, rebased, figures)
select md5(n::text), 1, 'test', pg_temp.day(n), 'close', 'ALLOW', 0, 0, '{}', 'NORMAL', pg_temp.day(0), 0, 0, false,
    case n when 5 then '{"var_post_trade": null}' when 6 then '{"var_post_trade": 0}' when 7 then '{}' else '{"var_post_trade": 0.02, "var_post_trade_filtered": 0.01}' end::jsonb
from generate_series(0, 299) as n where n <> 8;
insert into trade.nav (account, session, cash, long_value, short_value, nav, net_flow, period_return, nav_index, lifetime_mark, tactical_mark, marked_at)
-- A loss of exactly the VaR is none; every tenth session loses a hair more, and the ones that are not compared lose most.
select 'test', pg_temp.day(n), 1, 0, 0, 1, 0, case when n in (6, 7, 8, 9) then -0.5 when n % 10 = 0 then -0.0200001 else -0.02 end, 1, 1, 1, ops.now()
from generate_series(0, 300) as n where n <> 100;
set local role fund_analyst;
select results_eq(
    $$select b.session - date '2021-01-01', b.status, b.exception from audit.var_backtest as b where b.session between '2021-01-02' and '2021-01-11' order by b.session$$,
    $$values (1, 'COMPARED'::text, false), (2, 'COMPARED', false), (3, 'COMPARED', false), (4, 'COMPARED', false), (5, 'COMPARED', false), (6, 'VAR_UNKNOWN', null::boolean),
        (7, 'EMPTY_BOOK', null), (8, 'VAR_UNKNOWN', null), (9, 'NO_DECISION', null), (10, 'COMPARED', true)$$, 'what is compared, and what is an exception'
);
select is((select b.status from audit.var_backtest as b where b.session = pg_temp.day(101)), 'NOT_THE_NEXT_SESSION', 'a return over a session without a mark is two days''');
select results_eq($$select b.var_95, b.var_historical, b.var_filtered from audit.var_backtest as b where b.session = pg_temp.day(1)$$, $$values (0.02::float8, null::float8, 0.01::float8)$$, 'both estimators');
select results_eq(
    $$select b.sessions_250, b.exceptions_250, b.light from audit.var_backtest as b where b.session in (pg_temp.day(22), pg_temp.day(23), pg_temp.day(24)) order by b.session$$,
    $$values (18, 2, null::text), (19, 2, null), (20, 2, 'GREEN'::text)$$, 'no light below twenty'
);
select results_eq($$select b.sessions_250, b.exceptions_250, b.light from audit.var_backtest as b where b.session = pg_temp.day(300)$$, $$values (250, 25, 'YELLOW'::text)$$, 'at most 250: 25 exceptions are yellow');
reset role;
-- The zones at 95 % of 250, by the same rule: to 17 green, to 26 yellow.
create function pg_temp.light(p_exceptions integer) returns text language sql as $$
    update trade.nav set period_return = case when session > pg_temp.day(300 - p_exceptions) then -0.03 else 0 end where session > '2020-12-31';
    select b.light from audit.var_backtest as b where b.session = pg_temp.day(300)
$$;
alter table trade.nav disable trigger all;
select is(pg_temp.light(17), 'GREEN', '17');
select is(pg_temp.light(18), 'YELLOW', '18');
select is(pg_temp.light(26), 'YELLOW', '26');
select is(pg_temp.light(27), 'RED', '27');
select * from finish();
rollback;

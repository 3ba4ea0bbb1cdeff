-- Proves: analysts see every step of an account in the recovery protocol, with the event between what stood and what stands; a run
-- that moved nothing is no step. Each event through the routines themselves: tests/seams/test_recovery.py.
begin;
select plan(2);
select fixtures.desk();
alter table decide.cycle_runs disable trigger all;
create function pg_temp.day(p_n integer) returns date language sql as $$select date '2021-01-01' + p_n$$;
insert into govern.limit_sets (limits_sha256, config_sha256, limits)
values (repeat('c', 64), repeat('a', 64), '{"drawdown": {"threshold": 0.18}, "volatility": {"threshold": 0.15}, "tier_two_volatility_multiple": {"threshold": 2}}');
create function pg_temp.state(p_n integer, p_phase text, p_since integer, p_tier integer, p_drawdown float8, p_volatility float8, p_slot text default 'close')
returns void language sql as $$
    insert into decide.cycles (cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at)
    values (md5(p_n || p_slot), 'test', 'paper', 's', pg_temp.day(p_n), p_slot, repeat('a', 64), pg_temp.day(p_n), pg_temp.day(p_n + 1), ops.now());
    insert into decide.cycle_runs (cycle_id, run, account, state, opened_at, recorded_before, lease_until, host, pid, code_version, versions, reason, closed_at, closed_recorded_at, limits_sha256)
    values (md5(p_n || p_slot), 1, 'test', 'DONE', ops.now(), pg_temp.day(p_n), clock_timestamp(), 'h', 1, 'v', '{}', 'DONE', ops.now(), pg_temp.day(p_n) + interval '1 hour', repeat('c', 64));
    insert into decide.risk_states (cycle_id, run, account, as_of_session, slot, state, gross, net, factors, phase, phase_session, tier, cvar_breaches, rebased, figures, drawdown, volatility)
    values (md5(p_n || p_slot), 1, 'test', pg_temp.day(p_n), p_slot, 'ALLOW', 0, 0, '{}', p_phase, pg_temp.day(p_since), p_tier, 0, p_tier = 1, '{}', p_drawdown, p_volatility)
$$;
select
    pg_temp.state(0, 'NORMAL', 0, 0, 0, 0.1), pg_temp.state(1, 'DRAWDOWN', 1, 0, 0.2, 0.1), pg_temp.state(2, 'DRAWDOWN', 1, 0, 0.2, 0.1),
    pg_temp.state(3, 'FREEZE', 3, 0, 0.2, null), pg_temp.state(13, 'FREEZE', 13, 0, 0.2, 0.31), pg_temp.state(23, 'RECOVERY', 23, 1, 0.2, 0.1),
    pg_temp.state(24, 'RECOVERY', 23, 2, 0, 0.1), pg_temp.state(25, 'FREEZE', 25, 0, 0, 0.31, '15:00');
set local role fund_analyst;
select results_eq(
    $$select t.as_of_session - date '2021-01-01', t.slot, t.from_phase, t.from_tier, t.to_phase, t.to_tier, t.event, t.rebased from audit.risk_transitions as t order by t.as_of_session$$,
    $$values (1, 'close'::text, 'NORMAL'::text, 0, 'DRAWDOWN'::text, 0, 'drawdown'::text, false), (3, 'close', 'DRAWDOWN', 0, 'FREEZE', 0, 'tier_three', false),
        (13, 'close', 'FREEZE', 0, 'FREEZE', 0, 'served_in_breach', false), (23, 'close', 'FREEZE', 0, 'RECOVERY', 1, 'served', true),
        (24, 'close', 'RECOVERY', 1, 'RECOVERY', 2, 'clean', false), (25, '15:00', 'RECOVERY', 2, 'FREEZE', 0, 'breach', false)$$, 'the steps, an unknown volatility being above'
);
select results_eq($$select t.drawdown, t.volatility, t.meaning from audit.risk_transitions as t where t.as_of_session = '2021-01-04'$$, $$values (0.2::float8, null::float8, 'volatility rose above its limit, too'::text)$$, 'what it saw');
reset role;
select * from finish();
rollback;

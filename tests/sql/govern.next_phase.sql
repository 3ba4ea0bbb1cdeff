-- Proves: A6, A7, B4, B6, B9-B11: the whole of the table, walked; its rows are the only way from phase to phase.
begin;
select plan(26);
-- Phase, sessions, tier, CVaR breaches, and R where the mark is re-based.
create function pg_temp.next(
    p_state govern.protocol_states, p_facts govern.protocol_facts default row(0, 0, 0, 0)::govern.protocol_facts, p_slot text default 'close'
) returns text language sql as $$
    select concat_ws(' ', n.event, n.phase, n.sessions, n.tier, n.cvar_breaches, case when n.rebased then 'R' end)
    from govern.next_phase(p_state, p_facts, p_slot, row(0.18, 10, 0.15, 2, 0.04, 1.5, 0.06, 10, 5)::govern.protocol_numbers) as n
$$;
select is(pg_temp.next(row('NORMAL', 7, 0, 0, false)), 'otherwise NORMAL 7 0 0', 'nothing happens');
select is(pg_temp.next(row('NORMAL', 7, 0, 0, false), row(0.19, 0.1, 0, 0)), 'drawdown DRAWDOWN 0 0 0', 'a window opens');
select is(pg_temp.next(row('DRAWDOWN', 9, 0, 0, false), row(0, 0.1, 0, 0)), 'otherwise DRAWDOWN 9 0 0', 'and stands ten sessions whatever the drawdown does');
select is(pg_temp.next(row('DRAWDOWN', 10, 0, 0, false), row(0.3, 0.1, 0, 0)), 'served RECOVERY 0 1 0 R', 'then the ramp, on a mark of its own');
select is(pg_temp.next(row('DRAWDOWN', 10, 0, 0, false), row(0.3, 0.1, 0.1, 0)), 'served_in_breach FREEZE 0 0 0', 'or a freeze');
select is(pg_temp.next(row('DRAWDOWN', 3, 0, 0, false), row(0.2, 0.31, 0, 0)), 'tier_three FREEZE 0 0 0', 'at once where volatility rises, too');
select is(pg_temp.next(row('NORMAL', 7, 0, 0, false), row(0.2, 0.31, 0, 0)), 'tier_three FREEZE 0 0 0', 'both at once');
select is(pg_temp.next(row('NORMAL', 7, 0, 0, false), row(0, 0.9, 0.9, 0)), 'otherwise NORMAL 7 0 0', 'tier two alone is no freeze');
select is(pg_temp.next(row('FREEZE', 9, 0, 0, false)), 'otherwise FREEZE 9 0 0', 'a freeze stands');
select is(pg_temp.next(row('FREEZE', 10, 0, 0, false), row(0.5, 0.1, 0, 0)), 'served RECOVERY 0 1 0 R', 'ten sessions');
select is(pg_temp.next(row('FREEZE', 10, 0, 0, false), row(0.5, 0.31, 0, 0)), 'served_in_breach FREEZE 0 0 0', 'and anew in a breach');
select is(pg_temp.next(row('FREEZE', 15, 0, 0, false)), 'served RECOVERY 0 1 0 R', 'sessions without a cycle count');
select is(pg_temp.next(row('RECOVERY', 1, 1, 0, false)), 'clean RECOVERY 1 2 0', 'tier by tier');
select is(pg_temp.next(row('RECOVERY', 5, 5, 0, false)), 'ramp_over NORMAL 0 0 0', 'to the end of the ramp');
select is(pg_temp.next(row('RECOVERY', 4, 4, 0, false), row(0, 0.31, 0, 0)), 'breach FREEZE 0 0 0', 'a breach freezes anew');
select is(pg_temp.next(row('RECOVERY', 5, 5, 0, false), row(0.19, 0, 0, 0)), 'breach FREEZE 0 0 0', 'on the last tier, too');
select is(pg_temp.next(row('FREEZE', 3, 0, 2, true)), 'resumed RECOVERY 0 1 0 R', 'a resumption begins the ramp and ends the count');
select is(pg_temp.next(row('RECOVERY', 3, 4, 0, true)), 'resumed RECOVERY 0 1 0 R', 'from its first tier');
select is(pg_temp.next(row('NORMAL', 3, 0, 2, true), row(0, 0, 0, 0.07)), 'resumed_in_breach FREEZE 0 0 1', 'unless the figures are a breach, which counts');
-- B6.
select is(pg_temp.next(row('NORMAL', 7, 0, 2, false), row(0, 0, 0, 0.061)), 'otherwise NORMAL 7 0 3', 'a breach counts');
select is(pg_temp.next(row('NORMAL', 7, 0, 2, false), row(0, 0, 0, 0.06)), 'otherwise NORMAL 7 0 0', 'a clean session resets');
select is(pg_temp.next(row('NORMAL', 7, 0, 2, false), row(0, 0, 0, null)), 'otherwise NORMAL 7 0 2', 'an unknown one does neither');
-- Other slots.
select is(pg_temp.next(row('NORMAL', 7, 0, 2, false), row(0.19, 0, 0, 0.07), '15:00'), 'drawdown DRAWDOWN 0 0 2', 'an intraday cycle escalates and counts nothing');
select is(pg_temp.next(row('FREEZE', 10, 0, 2, false), p_slot => '15:00'), 'otherwise FREEZE 10 0 2', 'and relaxes nothing');
select is(pg_temp.next(row('RECOVERY', 2, 3, 0, false), p_slot => '15:00'), 'otherwise RECOVERY 2 3 0', 'nor climbs');
select is(pg_temp.next(row('MELTDOWN', 2, 3, 0, false)), '', 'what is no phase has no step');
select * from finish();
rollback;

-- Proves: I9, I24: the position after the trade session and now, and what the run left to remember.
begin;
select plan(5);
select fixtures.desk();
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at, session)
values ('test', 'AAA', 100, 'fixture', ops.now(), '2020-01-07'), ('test', 'AAA', -30, 'fixture', ops.now(), '2020-01-08');
insert into decide.symbol_states (cycle_id, run, account, symbol, entry_stop, stale_view_sessions)
values (repeat('1', 32), 1, 'test', 'AAA', 95, 2);
select is(
    audit.explain_position(repeat('1', 32), 1, 'AAA') -> 'after_trade_session',
    '{"session": "2020-01-07", "quantity": null, "close": null}'::jsonb, 'of a session that is not over nothing is said'
);
select ops.advance_clock('2020-01-07 22:00+00');
select is(
    (audit.explain_position(repeat('1', 32), 1, 'AAA') -> 'after_trade_session' ->> 'quantity')::numeric, 100::numeric, 'after the session'
);
select is((audit.explain_position(repeat('1', 32), 1, 'AAA') -> 'now' ->> 'quantity')::numeric, 70::numeric, 'now');
select is(
    audit.explain_position(repeat('1', 32), 1, 'AAA') -> 'remembered',
    '{"entry_stop": 95, "stale_view_sessions": 2, "stopped_out_session": null}'::jsonb, 'remembered'
);
select is(audit.explain_position(repeat('1', 32), 1, 'BBB'),
    '{"after_trade_session": {"session": "2020-01-07", "quantity": 0, "close": null}, "now": null, "remembered": null}'::jsonb, 'never held');
select * from finish();
rollback;

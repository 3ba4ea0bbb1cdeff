-- Proves: D14 (a filled stop is a stop-out), I19: memory of the latest DONE close of an earlier session; shadow, failed and the same sessions close do not count.
begin;
select plan(12);
select fixtures.fund();
select throws_ok('select decide.load_state(''nobody'', ''2013-02-28'')', 'MQ240', null, 'no such account');
select is(decide.load_state('paper', '2013-02-28') - array['cycle_id', 'run', 'phase_session'], '{"symbols": [], "phase": "NORMAL", "sessions": 0, "tier": 0, "cvar_breaches": 0, "resumed": false, "liquidating": false, "regime": null}'::jsonb,
    'nothing to remember');
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(decide.load_state('paper', '2013-02-27') -> 'symbols', '[]'::jsonb, 'the same close does not count twice');
select is(decide.load_state('paper', '2013-02-28') -> 'symbols', '[{"symbol": "AAA", "entry_stop": 95, "stale_view_sessions": 1, "sessions_since_stop": 3}]'::jsonb, 'the session after remembers');
savepoint s;
select ops.advance_clock('2013-02-28 22:00Z');
set local session_replication_role = 'replica';  -- no batch of a source behind it
insert into market.corporate_actions
select (jsonb_populate_record(null::market.corporate_actions, '{"symbol": "AAA", "ex_date": "2013-02-28", "kind": "split", "provider": "sample", "revision": 0,
    "factor": 2, "amount": 0, "batch_id": 1, "known_at": "2013-02-28T14:30:00Z", "recorded_at": "2013-02-28T14:30:00Z"}')).*;
set local session_replication_role = 'origin';
select is(decide.load_state('paper', '2013-02-28') #> '{symbols,0,entry_stop}', '47.5', 'a stop fixed before a split is re-based on it (D14)');
rollback to s;
-- A resting stop filled: of AAA, which is remembered, and of BBB, which is not.
create function pg_temp.stop_filled(p_symbol text, p_session date, p_leg text default 'stop') returns void language sql as $$
    insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, price_basis, trade_session, config_sha256,
        state, placed_at)
    select p_symbol || p_session, 'paper', c.cycle_id, 1, p_symbol, p_leg, 0, 'SELL', 1, 'raw', p_session, c.config_sha256, 'PENDING', ops.now() from decide.cycles as c;
    insert into trade.fills (account, execution_id, client_order_id, symbol, side, quantity, price, fee, price_basis, session, filled_at, occurred_at)
    values ('paper', p_symbol || p_session, p_symbol || p_session, p_symbol, 'SELL', 1, 95, 0, 'raw', p_session, ops.now(), ops.now())
$$;
select pg_temp.stop_filled('AAA', '2013-02-27'), pg_temp.stop_filled('BBB', '2013-02-26');
select is(decide.load_state('paper', '2013-02-28') -> 'symbols', '[{"symbol": "AAA", "entry_stop": 95, "stale_view_sessions": 1, "sessions_since_stop": 1},
    {"symbol": "BBB", "entry_stop": null, "stale_view_sessions": 0, "sessions_since_stop": 2}]'::jsonb, 'a resting stop that was filled is a stop-out, the later one counts');
select is(decide.load_state('paper', '2013-02-26') -> 'symbols', '[{"symbol": "BBB", "entry_stop": null, "stale_view_sessions": 0, "sessions_since_stop": 0}]'::jsonb, 'not one of a later session');
select pg_temp.stop_filled('BBB', '2013-02-27', 'exit');
select is(decide.load_state('paper', '2013-02-28') #> '{symbols,1,sessions_since_stop}', '2', 'an exit is none');
rollback to s;
alter table decide.cycles disable trigger append_only;
update decide.cycles set mode = 'shadow';
select is(decide.load_state('paper', '2013-02-28') -> 'symbols', '[]'::jsonb, 'shadow moves nothing');
update decide.cycles set mode = 'paper';
alter table decide.risk_states disable trigger append_only;
update decide.risk_states set slot = '14:00';
select is(decide.load_state('paper', '2013-02-27') #>> '{symbols,0,symbol}', 'AAA', 'an earlier slot of the same session counts');
update decide.cycle_runs set state = 'FAILED';
select is(decide.load_state('paper', '2013-02-28') -> 'symbols', '[]'::jsonb, 'only DONE counts');
select * from finish();
rollback;

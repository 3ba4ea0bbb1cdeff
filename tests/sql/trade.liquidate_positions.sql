-- Proves: B5, B8, F18, I1: with an approval every position gets its closing order, without a cycle, also under a kill; never without; MQ240.
begin;
select plan(26);
create function pg_temp.closing() returns text language sql as $$
    select string_agg(concat_ws(' ', o.symbol, o.revision, o.side, trim_scale(o.quantity), o.order_type, o.time_in_force, o.trade_session, o.state, o.refused_by), ', '
        order by o.symbol, o.revision)
    from trade.orders as o where o.leg = 'liquidation'
$$;
create function pg_temp.told() returns text language sql as $$
    select string_agg(concat_ws(' ', l.symbol, l.side, l.quantity, case when l.client_order_id is not null then 'ordered' end, l.fault), ', ') from trade.liquidate_positions('test') as l
$$;
select fixtures.resting();
select fixtures.hold('DDD', -7);
select is(pg_temp.told(), null, 'nobody approved: nothing');
savepoint s;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is(pg_temp.told(), null, 'a kill alone closes nothing (B8)');
rollback to s;
select govern.approve_liquidation('test', 'why', 48);
savepoint s;
select is(pg_temp.told(), 'AAA SELL 100 ordered, DDD BUY 7 ordered', 'approved: every position');
select is(pg_temp.closing(), 'AAA 0 SELL 100 MARKET DAY 2020-01-07 PENDING, DDD 0 BUY 7 MARKET DAY 2020-01-07 PENDING', 'at the market, all of it');
select is(pg_temp.told(), 'AAA SELL 100 BUSY, DDD BUY 7 BUSY', 'once');
select is(trade.protect_positions('test'), 0, 'and no stop comes between');
select is(count(*)::integer, 3, 'each an audit event, the stop that makes way, too')
from audit.audit_log where event like 'order.%' and seq > (select max(x.seq) from audit.audit_log as x where x.event = 'liquidation.approved');
-- The stop's end lets it leave; what fills closes the position.
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['DDD'], 'it leaves behind the stop''s end');
select trade.record_end(o.client_order_id, 'CANCELLED', 'asked for') from trade.orders as o where o.leg = 'stop';
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['AAA'], 'then it does');
select trade.record_ack(o.client_order_id, o.fencing_token, 'b-' || o.symbol) from trade.orders as o where o.leg = 'liquidation';
select trade.record_fill('test', 'f1', o.client_order_id, 60, 99, 0, 'raw', '2020-01-07', ops.now()) from trade.orders as o where o.leg = 'liquidation' and o.symbol = 'AAA';
select ops.advance_clock('2020-01-07 21:00+00');
select trade.record_end(o.client_order_id, 'EXPIRED', 'day over') from trade.orders as o where o.leg = 'liquidation';
select is(pg_temp.told(), 'AAA SELL 40 ordered, DDD BUY 7 ordered', 'what did not fill is placed again');
select is(pg_temp.closing(), 'AAA 0 SELL 100 MARKET DAY 2020-01-07 EXPIRED, AAA 1 SELL 40 MARKET DAY 2020-01-08 PENDING, DDD 0 BUY 7 MARKET DAY 2020-01-07 EXPIRED,'
    ' DDD 1 BUY 7 MARKET DAY 2020-01-08 PENDING', 'for the session that comes');
rollback to s;
-- Under a kill.
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is(pg_temp.told(), 'AAA SELL 100 ordered, DDD BUY 7 ordered', 'approved, under a kill, too');
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['DDD'], 'and released');
rollback to s;
-- In a halt.
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select is(pg_temp.told(), 'AAA SELL 100 STATE_HALT, DDD BUY 7 STATE_HALT', 'books that differ close nothing: what is held is not known');
rollback to s;
-- After the end.
select ops.advance_clock('2020-01-08 21:30+00');
select is(pg_temp.told(), null, 'nor does an approval that is over');
rollback to s;
-- A symbol that stopped trading, and one no run decided on.
delete from market.price_history where symbol = 'AAA' and session = '2020-01-06';
insert into market.price_history (symbol, session, open, high, low, close, provider, revision, price_kind, price_basis, known_at, recorded_at)
values ('AAA', '2020-01-03', 90, 90, 90, 90, 'tester', 0, 'ohlcv', 'raw', '2020-01-03 21:00+00', '2020-01-03 21:00+00');
alter table decide.cycle_inputs disable trigger all;
update decide.cycle_inputs set governance_state = 'QUARANTINED';
alter table decide.decisions disable trigger all;
delete from decide.decisions where symbol = 'DDD';
select is(pg_temp.told(), 'AAA SELL 100 ordered, DDD BUY 7 NO_DECISION', 'one that stopped trading closes on its last close; one no run decided on cannot');
select is(string_agg(concat_ws(' ', a.level, a.symbol, a.detail ->> 'fault'), ','), 'HIGH DDD NO_DECISION', 'which is heard') from notify.alerts as a where a.code = 'NOT_LIQUIDATED';
rollback to s;
-- A refused one.
alter table govern.limits disable trigger all;
update govern.limits set threshold = 0 where limit_name = 'daily_message_count';
select is(pg_temp.told(), 'AAA SELL 100 ordered daily_message_count, DDD BUY 7 ordered daily_message_count', 'a refusal is a row with its reason');
select is(pg_temp.told(), 'AAA SELL 100 REFUSED, DDD BUY 7 REFUSED', 'and is not tried again each pass');
select is(count(*)::integer, 1, 'its resting stop stays') from trade.live_orders as l where l.leg = 'stop';
rollback to s;
-- While it lasts the committee orders nothing.
select is(govern.state_refusal('test', 'entry', false), 'STATE_LIQUIDATE', 'no entry');
select is(govern.state_refusal('test', 'exit', false), 'STATE_LIQUIDATE', 'no exit of the committee');
select throws_ok($$select * from trade.liquidate_positions('none')$$, 'MQ240', null, 'no such account');
set local role fund_operator;
select lives_ok($$select * from trade.liquidate_positions('test')$$, 'an operator asks for it');
set local role fund_broker;
select lives_ok($$select * from trade.liquidate_positions('test')$$, 'and the broker worker');
set local role fund_decider;
select throws_ok($$select * from trade.liquidate_positions('test')$$, '42501', null, 'the decider does not');
reset role;
select * from finish();
rollback;

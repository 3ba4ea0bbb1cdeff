-- Proves: I3, I4, I7 (an acknowledgement is recorded once, by the worker that holds the order); MQ312, MQ313, MQ314.
begin;
select plan(12);

savepoint s;
select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}]');
select throws_ok($$select trade.record_ack(fixtures.aaa(), 0, 'b-1')$$, 'MQ314', null, 'an order that never left');
rollback to s;
select fixtures.released();

select throws_ok($$select trade.record_ack(fixtures.aaa(), 0, 'b-1')$$, 'MQ313', null, 'an older token is refused');
select throws_ok($$select trade.record_ack(fixtures.aaa(), null, 'b-1')$$, 'MQ313', null, 'so is none');
select throws_ok($$select trade.record_ack('nobody', 1, 'b-1')$$, 'MQ312', null, 'an order nobody placed');
select throws_ok($$select trade.record_ack(fixtures.aaa(), 1, '')$$, 'MQ314', null, 'an id of the broker is needed');
select is(trade.record_ack(fixtures.aaa(), 1, 'b-1', '2020-01-07 14:00+00'), 'ACKNOWLEDGED', 'acknowledged');
select is(trade.record_ack(fixtures.aaa(), 1, 'b-1'), 'ACKNOWLEDGED', 'again');
select is(count(*), 1::bigint, 'once') from trade.order_events where event = 'acknowledged';
select is(o.lease_owner, null, 'the lease is over') from trade.orders as o;
select throws_ok($$select trade.record_ack(fixtures.aaa(), 1, 'b-2')$$, 'MQ314', null, 'another broker order is not ours');
select is(convert_from(payload, 'UTF8')::jsonb -> 'body' ->> 'broker_order_id', 'b-1', 'the audit chain has it') from audit.audit_log where event = 'order.acknowledged';
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select is(trade.record_ack(fixtures.aaa(), 1, 'b-1'), 'FILLED', 'after the fill it says what is');

select * from finish();
rollback;

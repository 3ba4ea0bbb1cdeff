-- Proves: A4 (increases of a session over all its cycles).
begin;
select plan(4);

select fixtures.desk();
select fixtures.hold('BBB', 100);
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "BBB", "leg": "exit", "side": "SELL", "quantity": 100}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
select is(trade.turnover_value('test', '2020-01-07'), 12000::numeric, 'entries on both sides, no exit');
select is(trade.turnover_value('test', '2020-01-08'), 0::numeric, 'another session');
select fixtures.done();

select count(*) from trade.claim_orders('test', 'w', 60, 10);
select trade.record_fill('test', 'x', o.client_order_id, 30, 99, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00') from trade.orders as o where o.symbol = 'AAA';
select is(trade.turnover_value('test', '2020-01-07'), 12000::numeric, 'what may still fill counts');
select trade.record_ack(o.client_order_id, 1, 'b') from trade.orders as o where o.symbol = 'AAA';
select trade.record_end(o.client_order_id, 'CANCELLED', 'x', 1) from trade.orders as o where o.symbol in ('AAA', 'CCC');
select is(trade.turnover_value('test', '2020-01-07'), 3000::numeric, 'of what ended, only what was filled, at the price it was placed on');

select * from finish();
rollback;

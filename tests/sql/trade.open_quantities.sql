-- Proves: HELD, B8 (signed, protective stops aside).
begin;
select plan(1);

select fixtures.desk();
select fixtures.hold('BBB', 100);
select fixtures.place('[{"symbol": "BBB", "leg": "exit", "side": "SELL", "quantity": 30}, {"symbol": "BBB", "leg": "stop", "side": "SELL", "quantity": 100, "order_type": "STOP", "stop_price": 45}, {"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 7}]');
select results_eq($$select symbol, quantity, order_count from trade.open_quantities order by symbol$$, $$values ('AAA', 7::numeric, 1), ('BBB', -30, 1)$$, 'per symbol');

select * from finish();
rollback;

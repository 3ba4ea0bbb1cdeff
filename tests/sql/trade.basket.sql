-- Proves: I16, I17, I20 (what a cycle's orders are judged by).
begin;
select plan(7);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "DDD", "leg": "entry", "side": "SELL", "quantity": 5}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
select is(concat_ws(' ', b.account, b.broker, b.as_of_session, b.trade_session, b.nav, b.order_count, b.basket_value, b.turnover_value),
    'test paper 2020-01-06 2020-01-07 1000000 2 12000 12000', 'refused orders do not count') from trade.basket(repeat('1', 32), 1) as b;
select is(concat_ws(' ', b.order_count, b.basket_value, b.turnover_value), '1 2000 2000', 'one order left out')
from trade.basket(repeat('1', 32), 1, null, trade.client_order_id('test', repeat('1', 32), 'AAA', 'entry', 0)) as b;
select is(concat_ws(' ', b.as_of_session, b.trade_session, b.nav, b.order_count, b.basket_value, b.turnover_value), '2020-01-06 2020-01-08 1000000 0 0 0',
    'for another session what was placed for that one') from trade.basket(repeat('1', 32), 1, '2020-01-08') as b;
select is(b.limits ->> 'sector', '0.15', 'the limits in force') from trade.basket(repeat('1', 32), 1) as b;
select is(b.rules, '{"MIN_NOTIONAL": 1, "SHORTABLE_ONLY": null, "CLOSE_BEFORE_FLIP": null, "FRACTION_DAY_ONLY": null, "NO_FRACTIONAL_SHORT": null, "ORDER_TYPE": null, "PRICE_TICK": 0.01,
    "NO_OPPOSITE_RESTING": null}', 'the broker''s rules')
from trade.basket(repeat('1', 32), 1) as b;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is(b.limits, null, 'under a configuration without limits there are none, and every order is refused') from trade.basket(repeat('1', 32), 1) as b;
select is(b.account, null, 'an unknown cycle has no basket') from trade.basket('x', 1) as b;

select * from finish();
rollback;

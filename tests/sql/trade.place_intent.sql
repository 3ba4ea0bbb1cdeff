-- Proves: I1, I16, A4, A5, HELD, B5 (baskets cumulate, reductions come first, exits never open); MQ305, MQ326.
begin;
select plan(13);

select fixtures.desk();
-- 70 % long: 800 AAA (8 %), 1400 BBB (7 %), 2750 CCC (55 %).
select fixtures.hold('AAA', 800), fixtures.hold('BBB', 1400), fixtures.hold('CCC', 2750);
select is(sum(h.quantity * p.close::numeric), 700000::numeric, 'the book stands at 70 % of NAV')
from trade.held_quantities as h join market.price_history as p on p.symbol = h.symbol and p.session = '2020-01-06';
savepoint s;
select results_eq(
    $$select * from fixtures.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 1}, {"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 2750}]')$$,
    $$values ('DDD', 'REJECTED', 'long'), ('CCC', 'PENDING', null)$$,
    'positions above a limit by themselves stop an increase, whatever is sold on paper; the reduction passes (HELD)'
);
rollback to s;
select fixtures.hold('CCC', -750);
-- 55 % long: CCC 40 %. An exit frees room for an entry given before it: reductions are judged first.
select results_eq(
    $$select * from fixtures.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 10000}, {"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 1000}]')$$,
    $$values ('DDD', 'PENDING', null), ('CCC', 'PENDING', null)$$, 'reductions first, answers in the given order'
);
rollback to s;
select fixtures.hold('CCC', -750);
select results_eq(
    $$select * from fixtures.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 10000},
        {"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 1000, "order_type": "LIMIT", "limit_price": 219}]')$$,
    $$values ('DDD', 'REJECTED', 'long'), ('CCC', 'PENDING', null)$$, 'a resting limit order to sell frees no room'
);
rollback to s;
-- One exit of a position; a second one of the same shares would open the other side.
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 500}, {"symbol": "AAA", "leg": "hedge", "side": "SELL", "quantity": 100},
        {"symbol": "AAA", "leg": "stop", "side": "SELL", "quantity": 300, "order_type": "STOP", "stop_price": 90}, {"symbol": "AAA", "leg": "liquidation", "side": "SELL", "quantity": 1}]')$$,
    $$values ('AAA', 'PENDING', null), ('AAA', 'PENDING', null), ('AAA', 'REJECTED', 'reduce_only'),
        ('AAA', 'REJECTED', 'STATE_ALLOW')$$, 'exits and stops together never sell more than is held; nothing is liquidated in ALLOW (B5)'
);
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "SELL", "quantity": 201}]')$$,
    $$values ('AAA', 'REJECTED', 'CLOSE_BEFORE_FLIP')$$, 'an order that closes and opens is refused, open exits counted'
);
rollback to s;
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "SELL", "quantity": 100}, {"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 800}]')$$,
    $$values ('AAA', 'PENDING', null), ('AAA', 'REJECTED', 'reduce_only')$$, 'an entry that reduces takes from what an exit may close'
);
rollback to s;
-- Exits pass above every limit, and with an unknown NAV of the session.
alter table trade.nav disable trigger all;
update trade.nav set session = '2020-01-03';
select results_eq($$select * from fixtures.place('[{"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 2750}]')$$,
    $$values ('CCC', 'PENDING', null)$$, 'de-risking needs no NAV (A5)');
rollback to s;
select fixtures.hold('CCC', 5000);
select results_eq($$select * from fixtures.place('[{"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 7750}]')$$,
    $$values ('CCC', 'REJECTED', 'order_value')$$, 'but no single order is above 1,000,000 USD');
rollback to s;
-- Turnover is counted per session, entries only.
select fixtures.hold('AAA', -800), fixtures.hold('BBB', -1400), fixtures.hold('CCC', -2750);
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 1000}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 500},
        {"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 0.1}]')$$,
    $$values ('AAA', 'PENDING', null), ('CCC', 'PENDING', null), ('DDD', 'REJECTED', 'turnover')$$, 'long and short increases share the turnover cap (A4)'
);
select throws_ok($$select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10, "revision": 1}]')$$, 'MQ326', null,
    'a new revision waits for the terminal state of the one before');
update trade.orders set state = 'CANCELLED', closed_at = ops.now(), unsent = true where symbol = 'AAA';
select results_eq($$select * from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10, "revision": 1}]')$$,
    $$values ('AAA', 'PENDING', null)$$, 'then it is a new intent, and what was never sent is no turnover');
select throws_ok($$select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 11, "revision": 1}]')$$, 'MQ305', null,
    'a revision has one body, too');
rollback to s;

select * from finish();
rollback;

-- Proves: I1, I12, I16, I17, I20, A5, HELD, F14, F15, F18 (the database has the last word on every order); MQ230, MQ244, MQ301, MQ303.
begin;
select plan(25);

select fixtures.desk();
savepoint empty;
-- What the broker takes, in one basket.
select results_eq(
    $$select * from fixtures.place('[
        {"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1, "order_type": "LIMIT", "limit_price": 10.5, "time_in_force": "IOC"},
        {"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1.5, "order_type": "STOP", "stop_price": 52, "time_in_force": "DAY"},
        {"symbol": "AAA", "leg": "hedge", "side": "BUY", "quantity": 1, "order_type": "STOP_LIMIT", "stop_price": 101, "limit_price": 102, "time_in_force": "FOK"}
    ]')$$,
    $$values ('DDD', 'PENDING', null), ('BBB', 'PENDING', null), ('AAA', 'REJECTED', 'ORDER_TYPE')$$, 'what waits for a trigger is not immediate'
);
select is(trim_scale((e.detail ->> 'order_value')::numeric), 78::numeric, 'an order is worth the worse of close, limit and stop price')
from trade.order_events as e join trade.orders as o using (client_order_id) where o.symbol = 'BBB' and o.leg = 'hedge';
select is(
    (select string_agg(t.order_type || ' ' || t.time_in_force, ', ' order by t.order_type, t.time_in_force) from ref.broker_order_types as t where t.broker = 'alpaca' and t.fractional),
    'LIMIT DAY, MARKET DAY, STOP DAY, STOP_LIMIT DAY', 'a fraction is good for the day, whatever its type (F15)'
);
rollback to empty;
-- Boundaries, in one basket: AAA fills its name to 10 % exactly; BBB the sector to 15 %, to the ten-thousandth of a share.
select results_eq(
    $$select * from fixtures.place('[
        {"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "1000"},
        {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": "1000.0001"},
        {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 100.5},
        {"symbol": "DDD", "leg": "entry", "side": "SELL", "quantity": 100}
    ]')$$,
    $$values ('AAA', 'PENDING', null), ('BBB', 'REJECTED', 'sector'), ('CCC', 'REJECTED', 'NO_FRACTIONAL_SHORT'),
        ('DDD', 'REJECTED', 'SHORTABLE_ONLY')$$,
    'at a threshold it is placed, one ten-thousandth of a share above it is refused; every refusal is a row'
);
select is(e.detail -> 'refused', '[{"limit_name": "sector", "observed": 0.15000000500000000000, "threshold": 0.15, "reason": "ABOVE_LIMIT"}]'::jsonb,
    'the event says what was observed') from trade.order_events as e join trade.orders as o using (client_order_id) where o.symbol = 'BBB';
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 1000}]')$$,
    $$values ('AAA', 'PENDING', null)$$, 'the same intent again is the same row (I1)'
);
select is(count(*), 4::bigint, 'and no further one') from trade.orders;
select throws_ok($$select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 999}]')$$, 'MQ305', null, 'another body is an error');
-- Two baskets cumulate: 10 % of AAA are ordered, not filled, and count.
select results_eq(
    $$select * from fixtures.place('[{"symbol": "AAA", "leg": "hedge", "side": "BUY", "quantity": 0.0101},
        {"symbol": "CCC", "leg": "hedge", "side": "BUY", "quantity": 500}]')$$,
    $$values ('AAA', 'REJECTED', 'name_concentration'), ('CCC', 'PENDING', null)$$, 'a second basket counts the first one''s open orders (I16)'
);
select is(o.state, 'REJECTED', 'a refused order stays refused') from trade.orders as o where o.symbol = 'DDD';
-- Misuse.
select throws_ok($$select fixtures.place('[{"symbol": "ZZZ", "leg": "entry", "side": "BUY", "quantity": 1}]')$$, 'MQ304', null, 'an unknown symbol');
select throws_ok($$select trade.place_orders(repeat('2', 32), 1, '[]')$$, 'MQ244', null, 'no such run');
savepoint s;
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second';
select throws_ok($$select fixtures.place('[]')$$, 'MQ301', null, 'the lease is over');
rollback to s;
update decide.cycle_runs set state = 'DONE', reason = 'DONE', closed_at = ops.now();
select throws_ok($$select fixtures.place('[]')$$, 'MQ244', null, 'the run is closed');
rollback to s;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select throws_ok($$select fixtures.place('[]')$$, 'MQ230', null, 'the cycle''s configuration is not the pinned one (I20)');
rollback to s;
alter table decide.cycles disable trigger all;
update decide.cycles set mode = 'shadow';
select throws_ok($$select fixtures.place('[]')$$, 'MQ303', null, 'a shadow cycle places nothing');
rollback to s;
-- A kill.
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq(
    $$select * from fixtures.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}, {"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'KILL_SWITCH'), ('BBB', 'REJECTED', 'KILL_SWITCH')$$, 'a kill refuses entries, as rows (I12, B5)'
);
rollback to s;
-- Unreadable inputs, each with its limit's name (I17).
alter table trade.nav disable trigger all;
delete from trade.nav;
select results_eq($$select * from fixtures.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'nav_freshness')$$, 'no NAV of the session');
rollback to s;
delete from market.price_history where symbol = 'BBB' and session = '2020-01-06';
select results_eq($$select * from fixtures.place('[{"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('BBB', 'REJECTED', 'price_freshness')$$, 'no price');
rollback to s;
update market.price_history set close = 51, high = 51 where symbol = 'BBB' and session = '2020-01-06';
select results_eq($$select * from fixtures.place('[{"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('BBB', 'REJECTED', 'price_freshness')$$, 'a price restated since the gate');
rollback to s;
alter table govern.limits disable trigger all;
delete from govern.limits where limit_name = 'order_value';
select results_eq($$select * from fixtures.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'order_value')$$, 'a limit that is not in force');
rollback to s;
alter table decide.cycle_inputs disable trigger all;
update decide.cycle_inputs set governance_state = 'DEGRADED', governance_reasons = '{X}' where symbol = 'DDD';
select results_eq($$select * from fixtures.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'symbol_active')$$, 'a symbol that is not ACTIVE (F18)');
rollback to s;
-- Roles.
set local role fund_decider;
select is(count(*), 0::bigint, 'the decider places baskets') from trade.place_orders(repeat('1', 32), 1, '[]');
select throws_ok($$insert into trade.orders (client_order_id) values ('x')$$, '42501', null, 'but writes no order itself');
set local role fund_broker;
select throws_ok($$select * from trade.place_orders(repeat('1', 32), 1, '[]')$$, '42501', null, 'the broker worker places nothing');
reset role;

select * from finish();
rollback;

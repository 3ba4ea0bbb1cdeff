-- Proves: I3, I26: an order that was placed and may no longer leave ends with its reason, and a refusal is heard.
begin;
select plan(5);
select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 10}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
select trade.end_unreleased(o, 'REJECTED', 'order_value', '{"refused": []}') from trade.orders as o where o.symbol = 'AAA';
select trade.end_unreleased(o, 'REJECTED', 'LAYER_6', null) from trade.orders as o where o.symbol = 'BBB';
select trade.end_unreleased(o, 'EXPIRED', null, '{"reason": "SESSION_OVER"}') from trade.orders as o where o.symbol = 'CCC';
select results_eq($$select o.symbol, o.state, o.refused_by, o.unsent from trade.orders as o order by 1$$,
    $$values ('AAA', 'REJECTED', 'order_value', true), ('BBB', 'REJECTED', 'LAYER_6', true), ('CCC', 'EXPIRED', null, true)$$, 'each ends unsent, with what refused it');
select results_eq($$select e.event, e.detail from trade.order_events as e where e.from_state = 'PENDING' order by e.event_id$$,
    $$values ('refused', '{"refused": [], "refused_by": "order_value"}'::jsonb), ('refused', '{"refused_by": "LAYER_6"}'), ('expired', '{"reason": "SESSION_OVER"}')$$, 'which its event says');
select is(string_agg(a.symbol, ','), 'AAA', 'a refusal is heard, a layer''s by its own alert') from notify.alerts as a where a.code = 'NOT_RELEASED';
select is(a.detail ->> 'refused_by', 'order_value', 'with what refused') from notify.alerts as a where a.code = 'NOT_RELEASED';
set local role fund_broker;
select throws_ok($$select trade.end_unreleased(null, 'REJECTED', 'x', null)$$, '42501', null, 'nobody''s to call');
reset role;
select * from finish();
rollback;

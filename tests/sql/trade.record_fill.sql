-- Proves: I3, I9 (fills once, in any order, never more than ordered; positions and cash follow); MQ312, MQ315, MQ316, MQ317.
begin;
select plan(16);

select fixtures.released();

create function pg_temp.fill(p_id text, p_quantity numeric, p_price numeric default 101) returns boolean language sql as $$
    select trade.record_fill('test', p_id, fixtures.aaa(), p_quantity, p_price, 1.5, 'raw', '2020-01-07', '2020-01-07 15:00+00')
$$;
select is(pg_temp.fill('x2', 40), true, 'a fill before the acknowledgement');
select is(o.state, 'PARTIAL', 'partly filled') from trade.orders as o;
select is(pg_temp.fill('x2', 40), false, 'the same execution again');
select throws_ok($$select pg_temp.fill('x2', 41)$$, 'MQ315', null, 'the same execution with another quantity');
select throws_ok($$select pg_temp.fill('x2', 40, 102)$$, 'MQ315', null, 'or another price');
select throws_ok($$select pg_temp.fill('x1', 60.0001)$$, 'MQ316', null, 'more than ordered');
select is(pg_temp.fill('x1', 60), true, 'the rest, out of order');
select is(o.state, 'FILLED', 'filled by the sum of its fills') from trade.orders as o;
select throws_ok($$select pg_temp.fill('x3', 0.0001)$$, 'MQ316', null, 'nothing more fits');
select is(h.quantity, 100::numeric, 'the position is the sum (I9)') from trade.held_quantities as h;
select is(c.balance, 1000000 - 100 * 101 - 3::numeric, 'cash: cost and fees') from trade.cash as c;
select throws_ok($$select trade.record_fill('test', 'x', 'nobody', 1, 1, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00')$$, 'MQ312', null, 'an order nobody placed');

-- An order that never left, and one that ended: a late fill is booked beside the end.
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set state = 'OPEN', reason = null, closed_at = null;
select fixtures.place('[{"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 10}]');
select throws_ok($$select trade.record_fill('test', 'y', o.client_order_id, 1, 50, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00') from trade.orders as o where o.symbol = 'BBB'$$,
    'MQ317', null, 'an order that never left cannot be filled');
update decide.cycle_runs set state = 'DONE', reason = 'DONE', closed_at = ops.now();
select count(*) from trade.claim_orders('test', 'w', 60, 10);
select trade.record_end(o.client_order_id, 'CANCELLED', 'test', 1) from trade.orders as o where o.symbol = 'BBB';
select is(trade.record_fill('test', 'y', o.client_order_id, 4, 50, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00'), true, 'a fill after the end is booked')
from trade.orders as o where o.symbol = 'BBB';
select is(o.state, 'CANCELLED', 'beside the end, which stays (I3)') from trade.orders as o where o.symbol = 'BBB';
select is(h.quantity, 4::numeric, 'and is held') from trade.held_quantities as h where h.symbol = 'BBB';

select * from finish();
rollback;

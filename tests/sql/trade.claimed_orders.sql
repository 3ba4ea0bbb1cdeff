-- Proves: I4 (what a worker needs to send an order or to look it up is in the row it is handed).
begin;
select plan(4);

select fixtures.released();
select ops.advance_clock('2020-01-07 20:59+00');
select is(concat_ws(' ', c.client_order_id = fixtures.aaa(), c.symbol, c.side, trim_scale(c.quantity), c.order_type, c.time_in_force, c.price_basis, c.trade_session, c.fencing_token,
    c.post_attempt, c.in_doubt, c.closes_in_seconds), 't AAA BUY 100 MARKET DAY raw 2020-01-07 1 1 f 60', 'body, token, attempt, and a minute of its session')
from trade.claimed_orders(array[fixtures.aaa()]) as c;
select fixtures.hold('CCC', 5);
create temporary table sold as
select trade.place_alone('test', repeat('1', 32), 1, '2020-01-07', row('CCC', 'liquidation', 'SELL', 5, 'MARKET', 'DAY', null, null, null)) as id;
select is((select string_agg(c.symbol, ' ') from sold, trade.claimed_orders(array[sold.id, 'none', fixtures.aaa()]) as c), 'CCC AAA', 'in the order given');
delete from ref.sessions where session = '2020-01-07';
select is(c.closes_in_seconds, null, 'a session the calendar does not know') from trade.claimed_orders(array[fixtures.aaa()]) as c;
set local role fund_broker;
select throws_ok($$select trade.claimed_orders('{}')$$, '42501', null, 'a worker claims first');
reset role;

select * from finish();
rollback;

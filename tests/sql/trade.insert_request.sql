-- Proves: one open request an order.
begin;
select plan(2);

select fixtures.released();
select is(trade.insert_request(o, 'a'), trade.insert_request(o, 'b'), 'the open one is found') from trade.orders as o;
select is(string_agg(r.reason, ','), 'a', 'with its first reason') from trade.order_requests as r;

select * from finish();
rollback;

-- Proves: I21: an audit event per order of a run.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select decide.order_events(o.cycle_id, o.run) from opened as o), '[]'::jsonb, 'no order');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select fixtures.results(o.cycle_id, o.run) from opened as o;
select p.state from opened as o cross join lateral trade.place_orders(o.cycle_id, o.run, '[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "10"}]') as p;
select is((select decide.order_events(o.cycle_id, o.run) #>> '{0,body,client_order_id}' from opened as o), (select t.client_order_id from trade.orders as t), 'by its id');
select is((select decide.order_events(o.cycle_id, o.run) #>> '{0,event}' from opened as o), 'order.placed', 'placed');
select * from finish();
rollback;

-- Proves: analysts see each orders events in order, and the order with its fills.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select fixtures.results(o.cycle_id, o.run) from opened as o;
select p.state from opened as o cross join lateral trade.place_orders(o.cycle_id, o.run, '[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "10"}, {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": "100000"}]') as p;
set local role fund_analyst;
select results_eq('select l.symbol, l.step, l.to_state from audit.order_lifecycle as l order by l.symbol, l.step', $$values ('AAA'::text, 1::bigint, 'PENDING'::text), ('BBB', 1, 'REJECTED')$$, 'events');
select results_eq('select o.symbol, o.state, o.filled_quantity, o.average_price from audit.orders as o order by o.symbol', $$values ('AAA'::text, 'PENDING'::text, 0::numeric, null::numeric), ('BBB', 'REJECTED', 0, null)$$, 'orders');
select results_eq('select f.source, f.symbol, f.limit_name from audit.limit_findings as f where f.source = ''order''', $$select 'order'::text, o.symbol, o.refused_by from audit.orders as o where o.refused_by is not null$$, 'what refused');
reset role;
select * from finish();
rollback;

-- Proves: I16 (what may still fill).
begin;
select plan(3);

select fixtures.released();

select results_eq($$select symbol, state, unfilled_quantity from trade.live_orders$$, $$values ('AAA', 'SUBMITTED', 100::numeric)$$, 'in flight');
select trade.record_fill('test', 'x', fixtures.aaa(), 60, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select results_eq($$select state, unfilled_quantity from trade.live_orders$$, $$values ('PARTIAL', 40::numeric)$$, 'partly filled');
select trade.record_end(fixtures.aaa(), 'CANCELLED', 'x');
select is_empty($$select * from trade.live_orders$$, 'ended');

select * from finish();
rollback;

-- Proves: I9 (a position is the sum of its fills and adjustments).
begin;
select plan(1);

select fixtures.released();

select trade.record_fill('test', 'x', fixtures.aaa(), 60, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select fixtures.hold('AAA', -10), fixtures.hold('CCC', -3);
select results_eq($$select symbol, quantity from trade.held_quantities order by symbol$$, $$values ('AAA', 50::numeric), ('CCC', -3)$$, 'fills and adjustments');

select * from finish();
rollback;

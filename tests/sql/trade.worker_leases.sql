-- Proves: I4 (who holds what).
begin;
select plan(2);

select fixtures.released();

select results_eq($$select worker, order_count from trade.worker_leases('test')$$, $$values ('worker', 1)$$, 'the worker and its orders');
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select is_empty($$select * from trade.worker_leases('test')$$, 'an acknowledged order has no lease');

select * from finish();
rollback;

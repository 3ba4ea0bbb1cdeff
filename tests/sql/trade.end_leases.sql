-- Proves: I4 (a dead worker's orders are handed over in doubt, not sent again).
begin;
select plan(5);

select fixtures.released();

select is(trade.end_leases('test', 'another'), 0, 'another worker''s leases stay');
select is_empty($$select * from trade.claim_orders('test', 'w', 60, 10)$$, 'and are not claimed');
select is(trade.end_leases('test', 'worker'), 1, 'the dead worker''s ends');
select is(trade.end_leases('test', 'worker'), 0, 'once');
select is(c.in_doubt, true, 'the order is handed over in doubt') from trade.claim_orders('test', 'w', 60, 10) as c;

select * from finish();
rollback;

-- Proves: I21, I24 (what the chain says of an order).
begin;
select plan(3);

select fixtures.released();

select is(trade.audit_event(fixtures.aaa(), '{"a": 1}') - 'body', jsonb_build_object('event', 'order.submitted', 'account', 'test', 'cycle_id', repeat('1', 32)), 'the event');
select is(trade.audit_event(fixtures.aaa(), '{"a": 1}') -> 'body' -> 'detail', '{"a": 1}', 'what happened');
select is(trade.audit_event('nobody'), null, 'no order, no event');

select * from finish();
rollback;

-- Proves: I3, I4 (one terminal state, every later fact beside it); MQ312, MQ313, MQ325.
begin;
select plan(11);

select fixtures.released();

select throws_ok($$select trade.record_end(fixtures.aaa(), 'REJECTED', 'x')$$, 'MQ313', null, 'while a worker holds it its token is needed');
select throws_ok($$select trade.record_end(fixtures.aaa(), 'REJECTED', 'x', 7)$$, 'MQ313', null, 'the current one');
select throws_ok($$select trade.record_end(fixtures.aaa(), 'FILLED', 'x', 1)$$, 'MQ325', null, 'a fill is no end of this kind');
select throws_ok($$select trade.record_end(fixtures.aaa(), 'EXPIRED', '', 1)$$, 'MQ325', null, 'a reason is needed');
select throws_ok($$select trade.record_end('nobody', 'EXPIRED', 'x')$$, 'MQ312', null, 'an order nobody placed');
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select is(trade.record_end(fixtures.aaa(), 'EXPIRED', 'NO_BAR'), 'EXPIRED', 'ended');
select is(trade.record_end(fixtures.aaa(), 'EXPIRED', 'NO_BAR'), 'EXPIRED', 'again');
select is(count(*), 1::bigint, 'once') from trade.order_events where event = 'expired';
select is(trade.record_end(fixtures.aaa(), 'CANCELLED', 'late'), 'EXPIRED', 'another end changes nothing');
select results_eq($$select from_state, to_state, detail ->> 'reason' from trade.order_events where event = 'cancelled'$$,
    $$values ('EXPIRED', 'EXPIRED', 'late')$$, 'it stands beside it');
select is(concat_ws(' ', o.unsent, o.in_doubt, o.closed_at is not null), 'f f t', 'it was sent, is not in doubt, and is closed') from trade.orders as o;

select * from finish();
rollback;

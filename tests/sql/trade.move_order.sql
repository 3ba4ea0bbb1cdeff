-- Proves: I3 (a terminal state closes; from PENDING it ends unsent).
begin;
select plan(4);

select fixtures.released();

select trade.move_order(fixtures.aaa(), 'ACKNOWLEDGED', 'acknowledged', null, '2020-01-07 00:00+00');
select results_eq($$select event, from_state, to_state, detail, broker_at from trade.order_events order by event_id desc limit 1$$,
    $$values ('acknowledged', 'SUBMITTED', 'ACKNOWLEDGED', '{}'::jsonb, timestamptz '2020-01-07 00:00+00')$$, 'the move is an event');
select is(concat_ws(' ', o.unsent, o.closed_at, o.lease_owner), 'f', 'not closed, no lease') from trade.orders as o;
select trade.move_order(fixtures.aaa(), 'CANCELLED', 'cancelled', '{}');
select is(concat_ws(' ', o.unsent, o.closed_at = ops.now()), 'f t', 'closed, and it was sent') from trade.orders as o;
select throws_ok($$select trade.move_order(fixtures.aaa(), 'FILLED', 'fill', '{}')$$, 'MQ307', null, 'a terminal state is never left');

select * from finish();
rollback;

-- Proves: I4 (a record that a POST may leave, before it leaves).
begin;
select plan(3);

select fixtures.released();

select is(concat_ws(' ', o.state, o.post_attempt, o.fencing_token, o.in_doubt, o.lease_owner), 'SUBMITTED 1 1 f worker', 'released') from trade.orders as o;
select trade.lease_order(o, 'w2', 10, '{"reason": "x"}') from trade.orders as o;
select is(concat_ws(' ', o.state, o.post_attempt, o.fencing_token, o.in_doubt, o.lease_owner), 'SUBMITTED 1 2 t w2', 'taken over: in doubt, no further POST') from trade.orders as o;
select results_eq($$select event, detail - 'reason' from trade.order_events where event <> 'placed' order by event_id$$,
    $$values ('released', '{"worker": "worker", "post_attempt": 1, "fencing_token": 1}'::jsonb), ('in doubt', '{"worker": "w2", "post_attempt": 1, "fencing_token": 2}')$$, 'both are events');

select * from finish();
rollback;

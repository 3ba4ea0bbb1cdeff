-- Proves: I4 (a record that a POST may leave, before it leaves); the instant of the release that counts.
begin;
select plan(5);

select fixtures.released();

select is(concat_ws(' ', o.state, o.post_attempt, o.fencing_token, o.in_doubt, o.lease_owner), 'SUBMITTED 1 1 f worker', 'released') from trade.orders as o;
select trade.lease_order(o, 'w2', 10, '{"reason": "x"}') from trade.orders as o;
select is(concat_ws(' ', o.state, o.post_attempt, o.fencing_token, o.in_doubt, o.lease_owner), 'SUBMITTED 1 2 t w2', 'taken over: in doubt, no further POST') from trade.orders as o;
select results_eq($$select event, detail - 'reason' from trade.order_events where event <> 'placed' order by event_id$$,
    $$values ('released', '{"worker": "worker", "post_attempt": 1, "fencing_token": 1}'::jsonb), ('in doubt', '{"worker": "w2", "post_attempt": 1, "fencing_token": 2}')$$, 'both are events');

-- Returned unsent, it is released again later: by then nothing had left. What is in doubt may have left at its own release.
update trade.orders set in_doubt = false;
select trade.return_unsent(fixtures.aaa(), 2, '429');
select ops.advance_clock('2020-01-07 15:00+00');
select trade.claim_orders('test', 'w3', 60, 10);
select is(o.submitted_at, '2020-01-07 15:00+00', 'a release has its own instant, though one before it came back unsent') from trade.orders as o;
select ops.advance_clock('2020-01-07 16:00+00');
select trade.lease_order(o, 'w4', 10, null) from trade.orders as o;
select is(concat_ws(' ', o.in_doubt, o.submitted_at = '2020-01-07 15:00+00'), 't t', 'an order in doubt keeps it') from trade.orders as o;

select * from finish();
rollback;

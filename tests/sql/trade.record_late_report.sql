-- Proves: I3, I6 (given up in doubt, and watched).
begin;
select plan(13);

select fixtures.released();
savepoint released;
select trade.record_doubt(fixtures.aaa(), 1, 'TIMEOUT');
select ops.advance_clock('2020-01-07 21:00+00');
select is(trade.record_not_found(fixtures.aaa(), 1, 30), 'EXPIRED', 'given up at the end of its session');
select is(fixtures.reported('{"time_in_force": "DAY"}'), '1 1 0', 'it lives at the broker');
select is(concat_ws(' ', b.kind, b.effect, b.symbol), 'LIVE_AFTER_END QUARANTINE AAA', 'a break') from trade.open_breaks as b;
select results_eq($$select c.broker_order_id from trade.claim_requests('test', 'w', 30, 10) as c$$, array['b1'], 'and its cancel is asked for');
select is(fixtures.reported(), '1 0 0', 'the same again is no news');
select is(trade.record_execution('test', jsonb_build_object('execution_id', 'x1', 'broker_order_id', 'b1', 'symbol', 'AAA', 'side', 'BUY', 'quantity', 30,
    'price', 100, 'fee', 0, 'price_basis', 'raw', 'session', '2020-01-07', 'filled_at', '2020-01-07T20:00:00Z')), 'BOOKED', 'what it filled is booked');
select is(h.quantity, 30::numeric, 'and held') from trade.held_quantities as h;
select is(fixtures.reported('{"status": "canceled", "filled_quantity": "30"}'), '1 1 0', 'its end there is news');
select is(concat_ws(' ', o.state, r.settled_at is not null), 'EXPIRED t', 'beside the state; the request is settled') from trade.orders as o, trade.order_requests as r;
select is(fixtures.reported('{"status": "canceled", "filled_quantity": "30"}'), '1 0 0', 'once');
select is_empty($$select * from trade.claim_requests('test', 'w', 30, 10)$$, 'nothing is left to cancel');

-- Reports overtake one another: one that was filled is no order that lives on.
rollback to released;
select trade.record_fill('test', 'x1', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select is(fixtures.reported('{"status": "partially_filled", "filled_quantity": "60"}'), '1 1 0', 'an older word of one that is filled is its first');
select is_empty('select b.kind from trade.open_breaks as b', 'and no break');

select * from finish();
rollback;

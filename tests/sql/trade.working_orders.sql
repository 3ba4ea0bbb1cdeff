-- Proves: what the broker has of ours, and no more.
begin;
select plan(6);

select fixtures.released();

select is_empty($$select * from trade.working_orders('test')$$, 'submitted is not acknowledged');
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select trade.record_fill('test', 'x', fixtures.aaa(), 40, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select results_eq($$select symbol, quantity, filled_quantity, opens_at, closes_at, submitted_at from trade.working_orders('test')$$,
    $$values ('AAA', 100::numeric, 40::numeric, timestamptz '2020-01-07 14:30+00', timestamptz '2020-01-07 21:00+00', timestamptz '2020-01-06 21:30+00')$$,
    'with what is filled and the instants of its session');
select is(filled_through, date '2020-01-07', 'and the last session it filled in') from trade.working_orders('test');
select trade.request_cancel(fixtures.aaa(), 'test');
select trade.record_request(request_id, fencing_token, 'UNSENT', '429') from trade.claim_requests('test', 'worker', 60, 9);
select is(cancel_accepted_at, null, 'a cancel that was not taken is none') from trade.working_orders('test');
update trade.order_requests set lease_until = null;
select ops.advance_clock('2020-01-07 15:00+00');
select trade.record_request(request_id, fencing_token, 'ACCEPTED', null) from trade.claim_requests('test', 'worker', 60, 9);
select is(cancel_accepted_at, timestamptz '2020-01-07 15:00+00', 'and when a cancel was taken') from trade.working_orders('test');
select trade.record_fill('test', 'y', fixtures.aaa(), 60, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select is_empty($$select * from trade.working_orders('test')$$, 'a filled order works no more');

select * from finish();
rollback;

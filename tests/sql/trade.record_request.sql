-- Proves: I3 (the orders end is what reports say, never the answer to a cancel); MQ343.
begin;
select plan(8);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b1', null);
select trade.request_cancel(fixtures.aaa(), 'not wanted');
select trade.claim_requests('test', 'a', 30, 10);
select throws_ok($$select trade.record_request(1, 1, 'DONE', null)$$, 'MQ343', null, 'no such outcome');
select trade.record_request(r.request_id, 9, 'ACCEPTED', null) from trade.order_requests as r;
select is(r.outcome, null, 'another token changes nothing') from trade.order_requests as r;
select trade.record_request(r.request_id, 1, 'IN_DOUBT', 'TIMEOUT') from trade.order_requests as r;
select is(concat_ws(' ', r.outcome, r.outcome_reason, r.settled_at is null, r.lease_until > clock_timestamp() + interval '4 seconds'),
    'IN_DOUBT TIMEOUT t t', 'kept; asked again after the wait') from trade.order_requests as r;
select is_empty($$select * from trade.claim_requests('test', 'b', 30, 10)$$, 'not before');
select is(o.state, 'ACKNOWLEDGED', 'the order stays as the broker has it') from trade.orders as o;
select is(e.detail ->> 'outcome', 'IN_DOUBT', 'an event') from trade.order_events as e where e.event = 'cancel answered';
-- Its cancel reported meanwhile, the request is settled: the worker's own answer comes too late.
select fixtures.reported('{"status": "canceled"}');
select trade.claim_requests('test', 'b', 30, 10);
select trade.record_request(r.request_id, 1, 'NOT_FOUND', 'late') from trade.order_requests as r;
select is(concat_ws(' ', r.outcome, r.settled_at is not null, r.lease_until), 'IN_DOUBT t', 'what is settled is not answered any more') from trade.order_requests as r;
select is(count(*), 1::bigint, 'nor told again') from trade.order_events as e where e.event = 'cancel answered';

select * from finish();
rollback;

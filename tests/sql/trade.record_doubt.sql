-- Proves: I5 (an answer that was lost leaves the order in doubt, never rejected); MQ312, MQ313, MQ340.
begin;
select plan(9);

select fixtures.released();
select throws_ok($$select trade.record_doubt('none', 1, 'TIMEOUT')$$, 'MQ312', null, 'no such order');
select throws_ok($$select trade.record_doubt(fixtures.aaa(), 7, 'TIMEOUT')$$, 'MQ313', null, 'another token');
select throws_ok($$select trade.record_doubt(fixtures.aaa(), null, 'TIMEOUT')$$, 'MQ313', null, 'no token');
select lives_ok($$select trade.record_doubt(fixtures.aaa(), 1, 'TIMEOUT')$$, 'the holder says so');
select is(concat_ws(' ', o.state, o.in_doubt, o.lease_until <= clock_timestamp(), o.doubt_since is not null, o.post_attempt), 'SUBMITTED t t t 1',
    'in doubt, its lease over, no further POST') from trade.orders as o;
select is(e.detail, '{"reason": "TIMEOUT"}', 'an event with the reason') from trade.order_events as e where e.event = 'in doubt';
select is(count(*), 2::bigint, 'and of the audit') from audit.audit_log where event = 'order.submitted';
select results_eq($$select c.in_doubt, c.fencing_token from trade.claim_orders('test', 'w2', 60, 10) as c$$, $$values (true, 2::bigint)$$,
    'the next claim looks it up at once');
select trade.record_ack(fixtures.aaa(), 2, 'b1', null);
select throws_ok($$select trade.record_doubt(fixtures.aaa(), 2, 'TIMEOUT')$$, 'MQ340', null, 'an acknowledged order is not in doubt any more');

select * from finish();
rollback;

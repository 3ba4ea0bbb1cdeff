-- Proves: I5 (the only backward edge, never for an order in doubt); MQ313, MQ327.
begin;
select plan(6);

select fixtures.released();

select throws_ok($$select trade.return_unsent(fixtures.aaa(), 0, '429')$$, 'MQ313', null, 'an older token is refused');
select lives_ok($$select trade.return_unsent(fixtures.aaa(), 1, '429')$$, 'back to the queue');
select is(concat_ws(' ', o.state, o.post_attempt, o.fencing_token, o.lease_owner), 'PENDING 1 1', 'the attempt counts, the token stays') from trade.orders as o;
select is(count(*), 1::bigint, 'it is claimed again') from trade.claim_orders('test', 'w', 60, 10) as c where c.fencing_token = 2 and c.post_attempt = 2;
update trade.orders set lease_until = clock_timestamp();
select is(c.in_doubt, true, 'its lease ends') from trade.claim_orders('test', 'w', 60, 10) as c;
select throws_ok($$select trade.return_unsent(fixtures.aaa(), 3, '429')$$, 'MQ327', null, 'in doubt it never goes back');

select * from finish();
rollback;

-- Proves: B5, I4 (a token that rises with every claim); MQ240, MQ324.
begin;
select plan(12);

select fixtures.released();
select trade.request_cancel(fixtures.aaa(), 'not wanted');
create function pg_temp.claim(p_worker text) returns table (broker_order_id text, token bigint) language sql as $$
    select c.broker_order_id, c.fencing_token from trade.claim_requests('test', p_worker, 30, 10) as c
$$;
select is_empty($$select * from pg_temp.claim('a')$$, 'what the broker has not named cannot be cancelled there: it is looked up first');
select trade.record_ack(fixtures.aaa(), 1, 'b1', null);
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('b1', 1::bigint)$$, 'then it is handed over, also under a kill');
select is_empty($$select * from pg_temp.claim('b')$$, 'to one worker');
savepoint s;
update trade.order_requests set lease_until = clock_timestamp() + interval '5 hours';
select results_eq($$select * from pg_temp.claim('b')$$, $$values ('b1', 2::bigint)$$, 'no lease outlasts a clock set back');
rollback to s;
update trade.order_requests set lease_until = clock_timestamp();
select results_eq($$select * from pg_temp.claim('b')$$, $$values ('b1', 2::bigint)$$, 'a lease that is over hands it on, with a higher token');
select is(r.attempts, 2, 'both attempts count') from trade.order_requests as r;
select trade.record_end(fixtures.aaa(), 'CANCELLED', 'x', null, null);
select is_empty($$select * from pg_temp.claim('c')$$, 'an order that has ended');
select isnt(r.settled_at, null, 'settles its request') from trade.order_requests as r;
select throws_ok($$select trade.claim_requests('none', 'a', 30, 1)$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.claim_requests('test', 'a', 0, 1)$$, 'MQ324', null, 'no lease');
select throws_ok($$select trade.claim_requests('test', null, 30, 1)$$, 'MQ324', null, 'no worker');
set local role fund_decider;
select throws_ok($$select trade.claim_requests('test', 'a', 30, 1)$$, '42501', null, 'not the decider');
reset role;

select * from finish();
rollback;

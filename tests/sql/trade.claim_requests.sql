-- Proves: B5, I4 (a token that rises with every claim); MQ240, MQ324.
begin;
select plan(20);

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
-- A stop that was to make way for an exit, which a kill has cancelled.
savepoint way;
delete from ops.kill_sources;
select fixtures.hold('AAA', 100);
insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "stop", "leg": "stop", "side": "SELL", "order_type": "STOP", "stop_price": 90,
    "state": "PENDING", "post_attempt": 0, "broker_order_id": null, "in_doubt": false, "closed_at": null, "unsent": false}')).* from trade.orders as o where o.client_order_id = fixtures.aaa();
alter table trade.orders disable trigger all;
update trade.orders set state = 'ACKNOWLEDGED', broker_order_id = 'b-stop' where client_order_id = 'stop';
alter table trade.orders enable trigger all;
select trade.insert_request(o, 'LATER_LEG') from trade.orders as o where o.client_order_id = 'stop';
savepoint asked;
select is_empty($$select * from pg_temp.claim('a')$$, 'nothing of the symbol lives besides: the stop need not go');
select is(concat_ws(' ', r.outcome, r.outcome_reason, r.settled_at is not null), 'UNSENT LATER_LEG_GONE t', 'its cancel is withdrawn')
from trade.order_requests as r where r.client_order_id = 'stop';
select is((select count(*) from trade.order_events as e where e.client_order_id = 'stop' and e.event = 'cancel withdrawn'), 1::bigint, 'an event');
rollback to asked;
update trade.order_requests set attempts = 1 where client_order_id = 'stop';
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('b-stop', 1::bigint)$$, 'one that was tried may have arrived: it goes on');
rollback to asked;
select trade.insert_request(o, 'OPERATOR') from trade.orders as o where o.client_order_id = 'stop';
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('b-stop', 1::bigint)$$, 'so does one that somebody wants for itself');
rollback to asked;
insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "exit", "leg": "exit", "order_type": "MARKET", "stop_price": null, "state": "PENDING",
    "broker_order_id": null}')).* from trade.orders as o where o.client_order_id = 'stop';
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('b-stop', 1::bigint)$$, 'and one whose later leg lives');
update trade.order_requests set attempts = 0, lease_owner = null, lease_until = null where client_order_id = 'stop';
select ops.report_kill_file('a', true);
select is_empty($$select * from pg_temp.claim('a')$$, 'not while that may not leave: the position would stand without either');
update trade.order_requests set attempts = 1 where client_order_id = 'stop';
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('b-stop', 2::bigint)$$, 'but for one that may have arrived');
rollback to way;
select throws_ok($$select trade.claim_requests('none', 'a', 30, 1)$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.claim_requests('test', 'a', 0, 1)$$, 'MQ324', null, 'no lease');
select throws_ok($$select trade.claim_requests('test', null, 30, 1)$$, 'MQ324', null, 'no worker');
set local role fund_decider;
select throws_ok($$select trade.claim_requests('test', 'a', 30, 1)$$, '42501', null, 'not the decider');
reset role;

select * from finish();
rollback;

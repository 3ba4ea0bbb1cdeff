-- Proves: B5 (a cancel in every state), I3; MQ312, MQ342.
begin;
select plan(11);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 10}]');
select fixtures.done();
select trade.claim_orders('test', 'worker', 60, 1);
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
create function pg_temp.ccc() returns text language sql as $$ select o.client_order_id from trade.orders as o where o.symbol = 'CCC' $$;
select is(trade.request_cancel(pg_temp.ccc(), 'not wanted'), null, 'one that never left needs no broker');
select is(concat_ws(' ', o.state, o.unsent), 'CANCELLED t', 'it ends here, unsent') from trade.orders as o where o.symbol = 'CCC';
select is(trade.request_cancel(pg_temp.ccc(), 'not wanted'), null, 'ended: nothing to do');
select isnt(trade.request_cancel(fixtures.aaa(), 'not wanted'), null, 'one that left: a request');
select is(trade.request_cancel(fixtures.aaa(), 'again'), min(r.request_id), 'one is enough') from trade.order_requests as r;
select is(count(*), 1::bigint, 'one row') from trade.order_requests;
select is(count(*), 1::bigint, 'one event') from trade.order_events where event = 'cancel requested';
select is(o.state, 'SUBMITTED', 'its state is the broker''s to end') from trade.orders as o where o.symbol = 'AAA';
select throws_ok($$select trade.request_cancel('none', 'x')$$, 'MQ312', null, 'no such order');
select throws_ok($$select trade.request_cancel(fixtures.aaa(), '')$$, 'MQ342', null, 'no reason');
set local role fund_analyst;
select throws_ok($$select trade.request_cancel('x', 'x')$$, '42501', null, 'not the analyst');
reset role;

select * from finish();
rollback;

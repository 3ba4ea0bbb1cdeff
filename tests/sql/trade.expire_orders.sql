-- Proves: I10 (a restart never sends yesterday's order); MQ240.
begin;
select plan(7);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
select fixtures.done();
savepoint s;
alter table ref.sessions disable trigger all;
delete from ref.sessions where session = '2020-01-07';
select results_eq($$select symbol from trade.expire_orders('test')$$, array['AAA', 'CCC'], 'a session the calendar has no more is over');
rollback to s;

select count(*) from trade.claim_orders('test', 'w', 60, 1);
select ops.advance_clock('2020-01-07 20:59+00');
select is_empty($$select * from trade.expire_orders('test')$$, 'the session is not over');
select ops.advance_clock('2020-01-07 21:00+00');
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq($$select symbol, trade_session from trade.expire_orders('test')$$, $$values ('CCC', date '2020-01-07')$$,
    'the order that was never sent expires, under a kill, too; the sent one is the broker''s to end');
select is(concat_ws(' ', o.state, o.unsent, o.refused_by), 'EXPIRED t', 'unsent') from trade.orders as o where o.symbol = 'CCC';
select is_empty($$select * from trade.expire_orders('test')$$, 'once');
select is(count(*), 1::bigint, 'one audit event') from audit.audit_log where event = 'order.expired';
select throws_ok($$select trade.expire_orders('none')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

-- Proves: I1, I3, I16, B5 (a replacement is a cancel and a new intent behind it, never a PATCH); MQ304, MQ312, MQ344, MQ345, MQ346;
-- I20 (nor does it make an entry a decision under another configuration).
begin;
select plan(44);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100, "order_type": "LIMIT", "limit_price": 99}]');
select fixtures.done();
create function pg_temp.replaced(p_quantity numeric, p_limit numeric, p_reason text default 'why') returns text language sql as $$
    select concat_ws(' ', r.state, r.refused_by) from trade.request_replace(fixtures.aaa(), p_quantity, p_limit, null, p_reason) as r
$$;
create function pg_temp.orders() returns text language sql as $$
    select string_agg(concat_ws(' ', o.revision, trim_scale(o.quantity), trim_scale(o.limit_price), o.state, o.refused_by), ', ' order by o.revision) from trade.orders as o
$$;
create function pg_temp.claimed() returns text language sql as $$
    select string_agg(trim_scale(c.limit_price)::text, ', ') from trade.claim_orders('test', 'w', 60, 9) as c
$$;
create function pg_temp.limited(p_limit_name text, p_threshold numeric) returns void language sql as $$
    alter table govern.limits disable trigger all;
    update govern.limits set threshold = p_threshold where limit_name = p_limit_name;
    alter table govern.limits enable trigger all;
$$;
savepoint s;
select is(pg_temp.replaced(null, 98), 'PENDING', 'one that never left');
select is(pg_temp.orders(), '0 100 99 CANCELLED, 1 100 98 PENDING', 'ends here, and the new one stands in its place');
select is(count(*), 0::bigint, 'nobody is asked') from trade.order_requests;
select is(pg_temp.claimed(), '98', 'it leaves at once');
rollback to s;
select pg_temp.limited('daily_message_count', 1);
select is(pg_temp.replaced(80, 98), 'PENDING', 'the limit of messages a day: one that never left is none');
select is(pg_temp.claimed(), '98', 'and the new one leaves');
rollback to s;
select is(pg_temp.claimed(), '99', 'one at the broker');
savepoint sent;
select is(pg_temp.replaced(80, 98), 'PENDING', 'is replaced by an intent');
select is(pg_temp.replaced(80, 98), 'PENDING', 'once');
select is(pg_temp.orders(), '0 100 99 SUBMITTED, 1 80 98 PENDING', 'with the next revision');
select is(concat_ws(' ', r.reason, r.settled_at), 'why', 'its cancel is requested') from trade.order_requests as r;
select is(o.waits_for, fixtures.aaa(), 'and waited for') from trade.orders as o where o.revision = 1;
select is(pg_temp.claimed(), null, 'before that nothing leaves');
select throws_ok($$select pg_temp.replaced(70, 98)$$, 'MQ345', null, 'another body');
savepoint waiting;
select trade.record_end(fixtures.aaa(), 'CANCELLED', 'asked for', 1);
select is(pg_temp.claimed(), '98', 'cancelled unfilled: the new one leaves');
rollback to waiting;
select trade.record_fill('test', 'x', fixtures.aaa(), 1, 99, 0, 'raw', '2020-01-07', ops.now()), trade.record_end(fixtures.aaa(), 'CANCELLED', 'asked for');
select is(pg_temp.claimed(), null, 'filled since, even by one share');
select is(pg_temp.orders(), '0 100 99 CANCELLED, 1 80 98 REJECTED earlier_leg', 'it ends here by name');
rollback to sent;
-- At the limit of the name, 10 % of NAV: the old order makes room for the new one, and not for more.
select is(pg_temp.replaced(1000, 99), 'PENDING', 'the order it replaces does not count against it (I16)');
rollback to sent;
select is(pg_temp.replaced(1100, 99), 'REJECTED name_concentration', 'what breaks a limit is refused');
select is(count(*), 0::bigint, 'and the old order stays as it is') from trade.order_requests;
rollback to sent;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is(pg_temp.replaced(80, 98), 'REJECTED KILL_SWITCH', 'under a kill no entry is replaced');
rollback to sent;
-- At the limits of the day: what was sent stays counted, its message and what it filled, now as at the release.
select pg_temp.limited('daily_message_count', 1);
select is(pg_temp.replaced(80, 98), 'REJECTED daily_message_count', 'the message of the order it replaces was sent');
select is(count(*), 0::bigint, 'which stays as it is') from trade.order_requests;
rollback to sent;
select trade.record_ack(fixtures.aaa(), 1, 'b-1'), trade.record_fill('test', 'x', fixtures.aaa(), 40, 99, 0, 'raw', '2020-01-07', ops.now());
savepoint partial;
select is(pg_temp.replaced(961, 98), 'REJECTED name_concentration', 'what it filled is held: only the rest of it makes room');
rollback to partial;
select is(pg_temp.replaced(960, 98), 'PENDING', 'and that does');
rollback to partial;
select pg_temp.limited('turnover', 0.01);
savepoint filled;
select is(pg_temp.replaced(61, 98), 'REJECTED turnover', 'what it filled is turned over');
rollback to filled;
select is(pg_temp.replaced(60, 98), 'PENDING', 'the rest of it is free for the new one');
select trade.record_end(fixtures.aaa(), 'CANCELLED', 'asked for');
select is(pg_temp.claimed(), '98', 'which leaves');
rollback to sent;
-- Good till cancelled, it rests into the next session: the NAV and counts it was judged by are of the one before.
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select ops.advance_clock('2020-01-07 20:59+00');
select is(pg_temp.replaced(80, 98), 'PENDING', 'to the end of the session it was decided for it is replaced');
rollback to sent;
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select ops.advance_clock('2020-01-07 21:00+00');
select is(pg_temp.replaced(null, 98), 'REJECTED SESSION_OVER', 'for the next session it is not');
select is(pg_temp.orders(), '0 100 99 ACKNOWLEDGED, 1 100 98 REJECTED SESSION_OVER', 'a row, and the old order stays as it is');
select is(r - 'limit_name', '{"observed": "2020-01-08", "threshold": "2020-01-07", "reason": "cancel it; the next cycle decides anew"}', 'with what to do')
from trade.order_events as e, jsonb_array_elements(e.detail -> 'refused') as r where e.event = 'refused' and r ->> 'limit_name' = 'SESSION_OVER';
select is(count(*), 0::bigint, 'nobody is asked') from trade.order_requests;
select lives_ok($$select trade.request_cancel(fixtures.aaa(), 'old')$$, 'it is cancelled');
rollback to sent;
select ops.advance_clock('2020-01-10 21:00+00');
select is(pg_temp.replaced(null, 98), 'REJECTED SESSION_OVER', 'where the calendar ends neither');
rollback to sent;
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
select l.limit_name, 2, repeat('b', 64), l.threshold, l.bound, l.unit, l.action, l.source, l.ruling, l.reason, ops.now() from govern.limits as l;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is(pg_temp.replaced(80, 98), 'REJECTED CONFIG_HASH', 'under another configuration than its cycle''s it is not');
select is(pg_temp.orders(), '0 100 99 SUBMITTED, 1 80 98 REJECTED CONFIG_HASH', 'and the old order stays as it is');
select is(r - 'limit_name', jsonb_build_object('observed', repeat('b', 64), 'threshold', repeat('a', 64), 'reason', 'cancel it; the next cycle decides anew'), 'with what to do')
from trade.order_events as e, jsonb_array_elements(e.detail -> 'refused') as r where e.event = 'refused' and r ->> 'limit_name' = 'CONFIG_HASH';
rollback to sent;
select throws_ok($$select pg_temp.replaced(80, 98, '')$$, 'MQ346', null, 'no reason');
select throws_ok($$select pg_temp.replaced(100, 99)$$, 'MQ346', null, 'no change');
select throws_ok($$select pg_temp.replaced(-1, 99)$$, 'MQ304', null, 'no quantity');
select trade.record_end(fixtures.aaa(), 'CANCELLED', 'x', 1);
select throws_ok($$select pg_temp.replaced(80, 98)$$, 'MQ344', null, 'an order that has ended');
select throws_ok($$select trade.request_replace('none', 1, null, null, 'x')$$, 'MQ312', null, 'no such order');
set local role fund_broker;
select throws_ok($$select trade.request_replace('none', 1, null, null, 'x')$$, '42501', null, 'the broker worker decides nothing');
reset role;

select * from finish();
rollback;

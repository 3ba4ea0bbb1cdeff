-- Proves: I6 (not found is not "not accepted": wait, then the same order again while it is still valid, else expire), I12; MQ312, MQ313, MQ341.
begin;
select plan(29);

select fixtures.released();
create function pg_temp.look(p_token bigint) returns text language sql as $$
    -- The wait since the look-up before is over.
    update trade.orders set looked_up_at = looked_up_at - interval '5 seconds';
    select trade.record_not_found(fixtures.aaa(), p_token, 30)
$$;
create function pg_temp.row_of() returns text language sql as $$
    select concat_ws(' ', o.state, o.in_doubt, o.lookup_count, o.post_attempt, o.lease_until > clock_timestamp() + interval '20 seconds')
    from trade.orders as o
$$;
select throws_ok($$select trade.record_not_found(fixtures.aaa(), 1, 30)$$, 'MQ341', null, 'an order whose POST is under way is not looked up');
select trade.record_doubt(fixtures.aaa(), 1, 'TIMEOUT');
select throws_ok($$select trade.record_not_found('none', 1, 30)$$, 'MQ312', null, 'no such order');
select throws_ok($$select trade.record_not_found(fixtures.aaa(), 9, 30)$$, 'MQ313', null, 'another token');
select is(pg_temp.look(1), 'WAIT', 'once is not enough');
select is(trade.record_not_found(fixtures.aaa(), 1, 30), 'WAIT', 'at once again');
select is(pg_temp.row_of(), 'SUBMITTED t 1 1 f', 'counts as the same look-up; no POST, no lease');
select is_empty($$select 1 from trade.claim_orders('test', 'w', 60, 10)$$, 'nobody is handed it before the wait is over');
update trade.orders set looked_up_at = clock_timestamp() - interval '5 seconds';
select results_eq($$select c.in_doubt, c.fencing_token from trade.claim_orders('test', 'w', 60, 10) as c$$, $$values (true, 2::bigint)$$,
    'then it is');
select is(trade.record_not_found(fixtures.aaa(), 2, 30), 'WAIT', 'twice neither');

savepoint s;
alter table govern.limits disable trigger all;
delete from govern.limits where limit_name = 'lookups_before_repost';
select is(pg_temp.look(2), 'WAIT', 'without a number of look-ups it is never sent again (I17)');
rollback to s;
alter table trade.orders disable trigger all;
update trade.orders set time_in_force = 'GTC', lookup_count = 0;
alter table trade.orders enable always trigger orders_move_by_rule;
select ops.advance_clock('2020-01-07 21:00+00');
select is(pg_temp.look(2), 'WAIT', 'good till cancelled, it is looked for beyond its session');
rollback to s;
select fixtures.hold('AAA', 100);
alter table trade.orders disable trigger all;
update trade.orders set leg = 'stop', side = 'SELL', order_type = 'STOP', stop_price = 95, time_in_force = 'GTC';
alter table trade.orders enable always trigger orders_move_by_rule;
savepoint stop;
select is(pg_temp.look(2), 'REPOST', 'a stop, which no layer closes');
rollback to stop;
update trade.accounts set broker = 'alpaca', broker_account_id = 'x';
select is(pg_temp.look(2), 'HELD', 'neither leaves an account that is not reconciled');
rollback to s;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is(pg_temp.look(2), 'HELD', 'under a kill it is not sent again (I12)');
select is(pg_temp.row_of(), 'SUBMITTED t 3 1 f', 'and stays in doubt');
rollback to s;
update trade.accounts set broker = 'alpaca', broker_account_id = 'x';
select is(pg_temp.look(2), 'HELD', 'nor for an account that is not reconciled (I8)');
rollback to s;
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
values ('order_value', 2, repeat('a', 64), 9999, 'upper', 'test', 'REJECT', 'tightened', 'I20', 'test', ops.now());
select is(pg_temp.look(2), 'EXPIRED', 'a limit tightened since ends the intent: it is not sent again');
select is(concat_ws(' ', o.state, o.unsent, e.detail ->> 'refused_by'), 'EXPIRED f order_value', 'ended, not "unsent": the first POST may have arrived')
from trade.orders as o join trade.order_events as e on e.client_order_id = o.client_order_id and e.event = 'expired';
rollback to s;
select ops.advance_clock('2020-01-07 21:00+00');
select is(pg_temp.look(2), 'EXPIRED', 'the trade session is over: never sent again (I10)');
rollback to s;
select is(pg_temp.look(2), 'REPOST', 'looked up three times: the same order is sent again');
select is(pg_temp.row_of(), 'SUBMITTED t 0 2 t', 'with the record of the POST committed before it, and still in doubt (I4)');
select is(count(*), 1::bigint, 'one order, one id') from trade.orders;
select throws_ok($$select trade.return_unsent(fixtures.aaa(), 2, '429')$$, 'MQ327', null, 'the first POST may have arrived: it never goes back unsent');
select lives_ok($$select trade.record_doubt(fixtures.aaa(), 2, '504')$$, 'the second answer is lost, too');
select is(pg_temp.look(2), 'WAIT', 'counted anew');
select lives_ok($$select trade.record_ack(fixtures.aaa(), 2, 'b1', null)$$, 'found after all');
select is(concat_ws(' ', o.state, o.in_doubt, o.broker_order_id), 'ACKNOWLEDGED f b1', 'adopted') from trade.orders as o;
set local role fund_broker;
select throws_ok(format($$select trade.record_not_found(%L, 2, 30)$$, 'none'), 'MQ312', null, 'the broker worker may');
set local role fund_decider;
select throws_ok($$select trade.record_not_found('none', 2, 30)$$, '42501', null, 'the decider may not');
reset role;

select * from finish();
rollback;

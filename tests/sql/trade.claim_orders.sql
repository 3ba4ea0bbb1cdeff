-- Proves: I4, I10, I12, I20, I3 (release checks everything again; each order goes to one worker); MQ240, MQ324.
begin;
select plan(32);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
create function pg_temp.claim(p_worker text, p_count integer default 10) returns table (symbol text, token bigint, post_attempt integer, in_doubt boolean) language sql as $$
    select c.symbol, c.fencing_token, c.post_attempt, c.in_doubt from trade.claim_orders('test', p_worker, 60, p_count) as c
$$;
select is_empty($$select * from pg_temp.claim('a')$$, 'an order whose run is open is not released: its decisions are not committed');
select is(string_agg(o.state, ','), 'PENDING,PENDING', 'it waits') from trade.orders as o;
select fixtures.done();

savepoint s;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is_empty($$select * from pg_temp.claim('a')$$, 'a kill releases nothing (I12)');
select is(string_agg(o.state, ','), 'PENDING,PENDING', 'and ends nothing') from trade.orders as o;
rollback to s;
insert into govern.limits select (jsonb_populate_record(l, jsonb_build_object('version', 2, 'config_sha256', repeat('b', 64)))).* from govern.limits as l;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is_empty($$select * from pg_temp.claim('a')$$, 'under another configuration nothing is released (I20)');
select is(string_agg(distinct concat_ws(' ', o.state, o.refused_by, o.unsent), ','), 'REJECTED CONFIG_HASH t', 'the orders end refused, unsent') from trade.orders as o;
rollback to s;
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set state = 'FAILED';
select is_empty($$select * from pg_temp.claim('a')$$, 'orders of a run that did not end DONE are not released');
select is(string_agg(distinct concat_ws(' ', o.state, o.refused_by), ','), 'REJECTED RUN_NOT_DONE', 'they end refused') from trade.orders as o;
rollback to s;
select ops.advance_clock('2020-01-07 21:00+00');
select is_empty($$select * from pg_temp.claim('a')$$, 'once the trade session is over nothing is released (I10)');
select is(string_agg(distinct concat_ws(' ', o.state, o.unsent), ','), 'EXPIRED t', 'the orders expire unsent') from trade.orders as o;
rollback to s;
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select is_empty($$select * from pg_temp.claim('a')$$, 'books at a broker outside that nobody has read release nothing (I8)');
select is(string_agg(o.state, ','), 'PENDING,PENDING', 'the orders wait') from trade.orders as o;
rollback to s;
delete from market.price_history where symbol = 'AAA' and session = '2020-01-06';
select results_eq($$select symbol from pg_temp.claim('a')$$, array['CCC'], 'an order whose price is gone is not released');
select is(o.refused_by, 'price_freshness', 'it is refused by the check') from trade.orders as o where o.symbol = 'AAA';
select is(string_agg(concat_ws(' ', a.level, a.symbol, a.message), ','), 'MEDIUM AAA AAA-entry-0-' || (select right(o.client_order_id, 20) from trade.orders as o where o.symbol = 'AAA') || ' of test was placed and does not leave: price_freshness', 'and that is heard') from notify.alerts as a where a.code = 'NOT_RELEASED';
rollback to s;
-- A limit tightened since: 0.9 % of NAV per name.
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
values ('name_concentration', 2, repeat('a', 64), 0.009, 'upper', 'test', 'REJECT', 'tightened', 'I20', 'test', ops.now());
select results_eq($$select symbol from pg_temp.claim('a')$$, array['CCC'], 'a limit tightened since holds at release, too');
select is(concat_ws(' ', o.state, o.refused_by, e.detail -> 'refused' -> 0 ->> 'observed'), 'REJECTED name_concentration 0.01000000000000000000',
    'with the evidence') from trade.orders as o join trade.order_events as e on e.client_order_id = o.client_order_id and e.event = 'refused'
where o.symbol = 'AAA';
rollback to s;
select results_eq($$select * from pg_temp.claim('a', 1)$$, $$values ('AAA', 1::bigint, 1, false)$$, 'the count is kept');
select results_eq($$select * from pg_temp.claim('b')$$, $$values ('CCC', 1::bigint, 1, false)$$, 'another worker gets the other one');
select is_empty($$select * from pg_temp.claim('c')$$, 'a third one nothing');
select results_eq($$select o.symbol, o.state, o.lease_owner, o.submitted_at from trade.orders as o order by o.symbol$$,
    $$values ('AAA', 'SUBMITTED', 'a', ops.now()), ('CCC', 'SUBMITTED', 'b', ops.now())$$, 'released under a lease');
-- The wall clock was set back by five hours after a look-up.
savepoint s;
update trade.orders set lease_until = clock_timestamp() + interval '5 hours', looked_up_at = clock_timestamp() + interval '5 hours'
where symbol = 'AAA';
select results_eq($$select * from pg_temp.claim('c')$$, $$values ('AAA', 2::bigint, 1, true)$$, 'no lease and no wait outlasts a clock set back');
rollback to s;
update trade.orders set lease_until = clock_timestamp() - interval '1 second', looked_up_at = clock_timestamp() where symbol = 'AAA';
select is_empty($$select * from pg_temp.claim('c')$$, 'a look-up of just now is waited for');
update trade.orders set lease_until = clock_timestamp() + interval '3590 seconds', looked_up_at = null where symbol = 'AAA';
select is_empty($$select * from pg_temp.claim('c')$$, 'the longest lease holds');
rollback to s;
update trade.orders set lease_until = clock_timestamp() - interval '1 second' where symbol = 'AAA';
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq($$select * from pg_temp.claim('c')$$, $$values ('AAA', 2::bigint, 1, true)$$,
    'a lease that is over hands the order over in doubt, with a higher token and no further POST, also under a kill');
select is(count(*), 3::bigint, 'each claim is an audit event') from audit.audit_log where event = 'order.submitted';
select throws_ok($$select trade.claim_orders('none', 'a', 60, 1)$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.claim_orders('test', '', 60, 1)$$, 'MQ324', null, 'no worker');
select throws_ok($$select trade.claim_orders('test', 'a', 0, 1)$$, 'MQ324', null, 'no lease');
select throws_ok($$select trade.claim_orders('test', 'a', 60, null)$$, 'MQ324', null, 'no count');
set local role fund_broker;
select lives_ok($$select trade.claim_orders('test', 'a', 60, 1)$$, 'the broker worker claims');
set local role fund_decider;
select throws_ok($$select trade.claim_orders('test', 'a', 60, 1)$$, '42501', null, 'the decider does not');
reset role;

select * from finish();
rollback;

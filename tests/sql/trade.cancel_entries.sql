-- Proves: B7, B5 (a kill, or an approved liquidation, cancels open entries and keeps protective stops), I15 (so does a kill that was
-- resumed from before anybody looked); MQ240.
begin;
select plan(21);

select fixtures.desk();
select fixtures.hold('CCC', 10);
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 10},
    {"symbol": "CCC", "leg": "stop", "side": "SELL", "quantity": 10, "order_type": "STOP", "stop_price": 180}]');
select fixtures.done();
select trade.claim_orders('test', 'worker', 60, 2);
select is(trade.cancel_entries('test'), 0, 'without a kill nothing');
savepoint s;
select govern.approve_liquidation('test', 'why');
select is(trade.cancel_entries('test'), 2, 'while a liquidation is approved both entries');
select is(string_agg(e.detail ->> 'reason', ','), 'LIQUIDATE', 'with its reason') from trade.order_events as e where e.event = 'cancelled';
rollback to s;
select ops.engage_kill_switch('x'), ops.clear_kill_source('row', '', 'x'), fixtures.resume();
select is(trade.cancel_entries('test'), 2, 'killed and resumed between two passes: both entries');
select results_eq($$select o.symbol, o.state, e.detail ->> 'reason' from trade.orders as o
    left join trade.order_events as e on e.client_order_id = o.client_order_id and e.event like 'cancel%' order by 1$$,
    $$values ('AAA', 'SUBMITTED', 'RESUMED_SINCE'), ('BBB', 'CANCELLED', 'RESUMED_SINCE'), ('CCC', 'SUBMITTED', null)$$, 'as under the kill');
select is(trade.cancel_entries('test'), 0, 'once');
alter table decide.cycle_runs disable trigger all;
alter table trade.order_requests disable trigger all;
delete from trade.order_requests;
update decide.cycle_runs set recorded_before = clock_timestamp();
select is(trade.cancel_entries('test'), 0, 'what a later run placed stays');
rollback to s;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is(trade.cancel_entries('test'), 2, 'both entries');
select results_eq($$select o.symbol, o.state from trade.orders as o order by 1$$,
    $$values ('AAA', 'SUBMITTED'), ('BBB', 'CANCELLED'), ('CCC', 'SUBMITTED')$$, 'the one that never left ends here');
select is(string_agg(o.symbol, ','), 'AAA', 'the one that left gets a request; the stop stays')
from trade.order_requests as r join trade.orders as o on o.client_order_id = r.client_order_id;
select is(trade.cancel_entries('test'), 0, 'once');
select is(count(*), 2::bigint, 'two audit events') from audit.audit_log where convert_from(payload, 'utf8') like '%KILL_SWITCH%' and event like 'order.%';
select fixtures.next_cycle(), fixtures.hold('DDD', 10);
alter table ops.kill_sources disable trigger all;
delete from ops.kill_sources;
select fixtures.place_next('[{"symbol": "DDD", "leg": "exit", "side": "SELL", "quantity": 10}]'), fixtures.done();
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select trade.cancel_entries('test');
select is((select o.state from trade.orders as o where o.symbol = 'DDD'), 'CANCELLED',
    'an exit that never left ends as well: it may not leave, and its position would wait without a stop (B8)');
rollback to s;
-- Without a kill: what no state lets leave any more would keep its position's stop away (B8).
select fixtures.hold('DDD', 10), fixtures.next_cycle();
select p.state from fixtures.place_next('[{"symbol": "DDD", "leg": "exit", "side": "SELL", "quantity": 10}]') as p;
select fixtures.done();
create function pg_temp.ended() returns text language sql as $$
    select string_agg(o.symbol || ' ' || (e.detail ->> 'reason'), ',' order by e.event_id)
    from trade.orders as o join trade.order_events as e on e.client_order_id = o.client_order_id and e.event = 'cancelled'
$$;
select is(trade.cancel_entries('test'), 0, 'an exit that may leave stays');
savepoint frozen;
alter table decide.risk_states disable trigger all;
update decide.risk_states set state = 'FREEZE', recorded_at = clock_timestamp() where cycle_id = repeat('2', 32);
select trade.report_break('test', 'CASH', null, null, '{}');
select is(trade.cancel_entries('test'), 0, 'an open break is a person''s to resolve');
alter table trade.breaks disable trigger all;
delete from trade.breaks;
select is(trade.cancel_entries('test'), 1, 'one that a freeze keeps is cancelled');
select is(pg_temp.ended(), 'DDD STATE_FREEZE', 'for what keeps it; the entries stay, which keep no stop away');
rollback to frozen;
select ops.engage_kill_switch('x'), ops.clear_kill_source('row', '', 'x'), fixtures.resume();
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set recorded_before = clock_timestamp();
alter table decide.risk_states disable trigger all;
update decide.risk_states set state = 'FREEZE', recorded_at = clock_timestamp() where cycle_id = repeat('2', 32);
select trade.cancel_entries('test');
select is(pg_temp.ended(), 'DDD STATE_FREEZE', 'so is it of a run behind a resumption, for which it is not cancelled');
rollback to frozen;
select govern.approve_liquidation('test', 'why', 1);
select trade.cancel_entries('test');
select count(*) from trade.liquidate_positions('test');
select ops.advance_clock(ops.now() + interval '61 minutes');
select is(trade.cancel_entries('test'), 2, 'what an approval that is over had ordered');
select is(pg_temp.ended(), 'BBB LIQUIDATE,DDD LIQUIDATE,CCC STATE_ALLOW,DDD STATE_ALLOW', 'for the state that does not let them leave');
select throws_ok($$select trade.cancel_entries('none')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

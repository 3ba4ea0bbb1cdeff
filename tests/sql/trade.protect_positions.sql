-- Proves: B5, B8, D14, F15, F18, I1 (a stop rests for every position, in every state but HALT, tightened only); MQ240.
begin;
select plan(47);

create function pg_temp.stops() returns text language sql as $$
    select string_agg(concat_ws(' ', o.symbol, o.revision, o.side, trim_scale(o.quantity), o.order_type, trim_scale(o.stop_price), o.time_in_force, o.trade_session,
        o.state, o.refused_by), ', ' order by o.symbol, o.revision)
    from trade.orders as o where o.leg = 'stop' and o.closed_at is null
$$;
create function pg_temp.decide(p_stop double precision) returns void language sql as $$
    update decide.decisions set stop_loss = p_stop
$$;
-- The broker takes what is pending and acknowledges it; it confirms the open cancels.
create function pg_temp.sent() returns void language sql as $$
    select trade.record_ack(c.client_order_id, c.fencing_token, 'b-' || c.client_order_id) from trade.claim_orders('test', 'w', 60, 9) as c
$$;
create function pg_temp.cancelled() returns void language sql as $$
    select trade.record_end(r.client_order_id, 'CANCELLED', 'asked for') from trade.order_requests as r where r.settled_at is null;
    select trade.claim_requests('test', 'w', 60, 9)
$$;
create function pg_temp.alerts() returns text language sql as $$
    select string_agg(concat_ws(' ', a.level, a.symbol, a.detail ->> 'fault'), ', ' order by a.alert_id) from notify.alerts as a where a.code = 'NO_PROTECTIVE_STOP'
$$;
select fixtures.unprotected();
alter table decide.decisions disable trigger all;
select is(trade.protect_positions('test'), 1, 'a position without a stop');
select is(pg_temp.stops(), 'AAA 0 SELL 100 STOP 95.01 GTC 2020-01-07 PENDING', 'gets one: all of it, until cancelled, a tick nearer rather than farther');
select is(o.client_order_id, trade.client_order_id('test', repeat('1', 32), 'AAA', 'stop', 0), 'its id is derived like any other (I1)') from trade.orders as o;
select is(trade.protect_positions('test'), 0, 'once');
savepoint pending;
select pg_temp.decide(97);
select is(trade.protect_positions('test'), 2, 'one that never left is ended here and placed anew');
select is(pg_temp.stops(), 'AAA 1 SELL 100 STOP 97 GTC 2020-01-07 PENDING', 'at once');
rollback to pending;
select pg_temp.sent();
select is(trade.protect_positions('test'), 0, 'a resting one stays');
savepoint s;
select pg_temp.decide(97);
select is(trade.protect_positions('test'), 1, 'tightened: the resting one is to be cancelled');
select is(trade.protect_positions('test'), 0, 'asked once');
select is(pg_temp.stops(), 'AAA 0 SELL 100 STOP 95.01 GTC 2020-01-07 ACKNOWLEDGED', 'and rests until it is');
select pg_temp.cancelled();
select is(trade.protect_positions('test'), 1, 'after its terminal fact');
select is(pg_temp.stops(), 'AAA 1 SELL 100 STOP 97 GTC 2020-01-07 PENDING', 'the next revision follows');
rollback to s;
select pg_temp.decide(90);
select is(trade.protect_positions('test'), 0, 'never widened');
rollback to s;
select fixtures.hold('AAA', -40);
select is(trade.protect_positions('test'), 1, 'another quantity');
select pg_temp.cancelled();
select is(trade.protect_positions('test'), 1, 'after the terminal fact');
select is(pg_temp.stops(), 'AAA 1 SELL 60 STOP 95.01 GTC 2020-01-07 PENDING', 'never beyond the position');
rollback to s;
select fixtures.hold('AAA', -100);
select is(trade.protect_positions('test'), 1, 'no position: the stop is taken away');
select pg_temp.cancelled();
select is(concat(trade.protect_positions('test'), pg_temp.stops()), '0', 'and no other follows');
rollback to s;
select trade.record_fill('test', 'x', o.client_order_id, 40, 95, 0, 'raw', '2020-01-07', ops.now()) from trade.orders as o;
select is(trade.protect_positions('test'), 0, 'one that is being filled is left to it');
rollback to s;
-- A fraction.
select fixtures.hold('AAA', 0.5), trade.protect_positions('test'), pg_temp.cancelled(), trade.protect_positions('test');
select is(pg_temp.stops(), 'AAA 1 SELL 100.5 STOP 95.01 DAY 2020-01-07 PENDING', 'a fraction rests for the day (F15)');
select pg_temp.sent();
select ops.advance_clock('2020-01-07 21:00+00');
select trade.record_end(o.client_order_id, 'EXPIRED', 'day over') from trade.orders as o where o.closed_at is null;
select is(trade.protect_positions('test'), 1, 'and is renewed');
select is(pg_temp.stops(), 'AAA 2 SELL 100.5 STOP 95.01 DAY 2020-01-08 PENDING', 'for the session that comes');
rollback to s;
-- A short.
select fixtures.hold('AAA', -200), pg_temp.decide(104.999);
select trade.protect_positions('test'), pg_temp.cancelled(), trade.protect_positions('test');
select is(pg_temp.stops(), 'AAA 1 BUY 100 STOP 104.99 GTC 2020-01-07 PENDING', 'a short is bought back, the tick rounded down');
rollback to s;
-- Another order of the symbol is live: it goes first. A run of its own, the first one is closed.
select fixtures.hold('AAA', 1);
insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "exit", "leg": "exit", "order_type": "MARKET", "stop_price": null, "state": "PENDING",
    "post_attempt": 0, "broker_order_id": null, "in_doubt": false}')).* from trade.orders as o;
select is(trade.protect_positions('test'), 0, 'while another order of the symbol is live nothing is done');
rollback to pending;
-- No price.
select fixtures.hold('DDD', 5);
select is(trade.protect_positions('test'), 0, 'without a decision there is no stop');
select trade.protect_positions('test');
select is(pg_temp.alerts(), 'HIGH DDD NO_STOP_PRICE', 'which is heard, once');
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select trade.protect_positions('test'), trade.protect_positions('test');
select is(pg_temp.alerts(), 'HIGH DDD NO_STOP_PRICE, CRITICAL DDD NO_STOP_PRICE', 'under a kill it is critical (B8), once');
rollback to pending;
-- States.
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select pg_temp.decide(97);
select is(trade.protect_positions('test'), 2, 'under a kill stops are placed');
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['AAA'], 'and released (B5)');
rollback to pending;
insert into ops.kill_sources (source, host, reason, engaged_by, engaged_at) values ('file', 'h', 'test', 'test', ops.now());
select is_empty($$select 1 from trade.claim_orders('test', 'h:1:2', 60, 9)$$, 'not by a worker on whose host the kill file lies: it may POST nothing (I14)');
select results_eq($$select c.symbol from trade.claim_orders('test', 'g:1:2', 60, 9) as c$$, array['AAA'], 'by one on another host');
rollback to pending;
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select pg_temp.decide(97);
select trade.protect_positions('test');
select is_empty($$select 1 from trade.claim_orders('test', 'w', 60, 9)$$, 'in a halt none is released');
rollback to pending;
select pg_temp.sent();
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select pg_temp.decide(97);
select is(concat(trade.protect_positions('test'), pg_temp.stops()), '0AAA 0 SELL 100 STOP 95.01 GTC 2020-01-07 ACKNOWLEDGED', 'and a resting one is not taken away while nothing may follow');
rollback to pending;
select pg_temp.sent();
insert into trade.breaks (account, kind, symbol, evidence, raised_at) values ('test', 'POSITION', 'AAA', '{}', ops.now());
select pg_temp.decide(97);
select is(trade.protect_positions('test'), 0, 'nor in a quarantine of its symbol');
rollback to pending;
select pg_temp.sent();
insert into ops.kill_sources (source, host, reason, engaged_by, engaged_at) values ('file', 'h', 'test', 'test', ops.now());
select fixtures.hold('AAA', 40);
select is(trade.protect_positions('test'), 0, 'nor while a kill file stops every POST (I14)');
savepoint file;
select fixtures.hold('AAA', -41);
select is(trade.protect_positions('test'), 1, 'but one that is beyond the position by now');
rollback to file;
select fixtures.hold('AAA', -240);
select is(trade.protect_positions('test'), 1, 'or on the wrong side of it');
rollback to file;
update ops.kill_sources set source = 'row', host = '';
select is(trade.protect_positions('test'), 1, 'a kill without a file lets the greater one follow (B5)');
rollback to pending;
-- Refused by the broker: not tried again each pass.
select c.client_order_id, trade.record_end(c.client_order_id, 'REJECTED', 'no', c.fencing_token) from trade.claim_orders('test', 'w', 60, 9) as c;
select is(trade.protect_positions('test'), 0, 'what the broker refused is not placed again');
select is(pg_temp.alerts(), 'HIGH AAA STOP_REFUSED', 'it is an alert');
select pg_temp.decide(97);
select is(trade.protect_positions('test'), 1, 'another price is another order');
rollback to pending;
-- Another configuration pinned while it waited: refused for its hash alone.
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
select l.limit_name, 2, repeat('b', 64), l.threshold, l.bound, l.unit, l.action, l.source, l.ruling, l.reason, ops.now() from govern.limits as l;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select trade.claim_orders('test', 'w', 60, 9);
select results_eq($$select trade.protect_positions('test'), o.refused_by from trade.orders as o where o.leg = 'stop' and o.revision = 0$$,
    $$values (1, 'CONFIG_HASH')$$, 'the position has its stop again in the same session');
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['AAA'], 'which leaves');
rollback to pending;
-- A symbol that may not trade any more.
alter table decide.cycle_inputs disable trigger all;
update decide.cycle_inputs set governance_state = 'QUARANTINED';
select is(v.to_state, 'SUBMITTED', 'its stop still leaves (F18)') from trade.orders as o, trade.release_verdict(o, '{}') as v;
select throws_ok($$select trade.protect_positions('none')$$, 'MQ240', null, 'no such account');
set local role fund_broker;
select lives_ok($$select trade.protect_positions('test')$$, 'the broker worker asks for it');
set local role fund_decider;
select throws_ok($$select trade.protect_positions('test')$$, '42501', null, 'the decider does not');
reset role;

select * from finish();
rollback;

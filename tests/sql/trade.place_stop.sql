-- Proves: I1, I12, I20, I21 (a protective stop is an order like any other).
begin;
select plan(5);

select fixtures.unprotected();
savepoint s;
select is(trade.place_stop('test', d), trade.client_order_id('test', repeat('1', 32), 'AAA', 'stop', 0), 'its id') from trade.stops_due('test') as d;
select is(concat_ws(' ', o.state, o.cycle_id, o.run, o.config_sha256, o.reference_price, o.waits_for),
    concat_ws(' ', 'PENDING', repeat('1', 32), 1, repeat('a', 64), 100), 'of the cycle that decided its price, under the pinned configuration') from trade.orders as o;
rollback to s;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select trade.place_stop('test', d) from trade.stops_due('test') as d;
select is(o.config_sha256, repeat('b', 64), 'another pinned since is the one in force') from trade.orders as o;
rollback to s;
select trade.place_stop('test', (jsonb_populate_record(d, '{"stop_price": 95.001}'))) from trade.stops_due('test') as d;
select is(concat_ws(' ', o.state, o.refused_by, o.unsent), 'REJECTED PRICE_TICK t', 'a check that fails refuses it, as a row') from trade.orders as o;
select is(e.detail -> 'refused' -> 0 ->> 'reason', 'SUB_PENNY', 'with the evidence') from trade.order_events as e;

select * from finish();
rollback;

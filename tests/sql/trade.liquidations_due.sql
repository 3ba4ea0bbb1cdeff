-- Proves: B5, F18: one closing order per position, and what is in its way.
begin;
select plan(10);
select fixtures.desk();
create function pg_temp.due() returns text language sql as $$
    select string_agg(concat_ws(' ', d.symbol, d.side, d.quantity, d.run, d.trade_session, d.fault), ', ' order by d.symbol) from trade.liquidations_due('test') as d
$$;
select is(pg_temp.due(), null, 'nothing held');
select fixtures.hold('AAA', 100.5), fixtures.hold('BBB', -40), fixtures.hold('CCC', 0.00001);
select is(pg_temp.due(), 'AAA SELL 100.5 2020-01-07 NO_DECISION, BBB BUY 40 2020-01-07 NO_DECISION', 'no run is done that could have decided it; dust is none');
select fixtures.done();
select is(pg_temp.due(), 'AAA SELL 100.5 1 2020-01-07, BBB BUY 40 1 2020-01-07', 'all of each, a short bought back');
savepoint s;
insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, price_basis, trade_session, config_sha256, state, placed_at)
values ('x', 'test', repeat('1', 32), 1, 'AAA', 'entry', 0, 'BUY', 1, 'raw', '2020-01-07', repeat('a', 64), 'PENDING', ops.now());
select is(pg_temp.due(), 'AAA SELL 100.5 1 2020-01-07 BUSY, BBB BUY 40 1 2020-01-07', 'another order of the symbol lives');
rollback to s;
insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, price_basis, trade_session, config_sha256, state, placed_at, order_type, stop_price)
values ('x', 'test', repeat('1', 32), 1, 'AAA', 'stop', 0, 'SELL', 1, 'raw', '2020-01-07', repeat('a', 64), 'PENDING', ops.now(), 'STOP', 90);
select is(pg_temp.due(), 'AAA SELL 100.5 1 2020-01-07, BBB BUY 40 1 2020-01-07', 'a stop makes way');
rollback to s;
insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, price_basis, trade_session, config_sha256, state, refused_by, placed_at)
values ('x', 'test', repeat('1', 32), 1, 'AAA', 'liquidation', 0, 'SELL', 100.5, 'raw', '2020-01-07', repeat('a', 64), 'REJECTED', 'X', ops.now());
select is(pg_temp.due(), 'AAA SELL 100.5 1 2020-01-07 REFUSED, BBB BUY 40 1 2020-01-07', 'the same one was refused for this session');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is(pg_temp.due(), 'AAA SELL 100.5 1 2020-01-07, BBB BUY 40 1 2020-01-07', 'under another configuration than the pinned one');
rollback to s;
alter table decide.cycles disable trigger all;
update decide.cycles set mode = 'shadow';
select is(pg_temp.due(), 'AAA SELL 100.5 2020-01-07 NO_DECISION, BBB BUY 40 2020-01-07 NO_DECISION', 'a shadow run decides nothing');
rollback to s;
delete from ref.sessions where session > '2020-01-06';
select is(pg_temp.due(), 'AAA SELL 100.5 1 NO_SESSION, BBB BUY 40 1 NO_SESSION', 'the calendar has ended');
select is_empty($$select 1 from trade.liquidations_due('none')$$, 'no account, no row');
select * from finish();
rollback;

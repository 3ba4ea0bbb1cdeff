-- Proves: I9: what is held now is what the fills and adjustments make, at the last close known now, with the stop that lives.
begin;
select plan(13);
select fixtures.unprotected();
select is_empty($$select * from trade.valued_positions() as v where v.symbol <> 'AAA'$$, 'what is not held has no row');
select results_eq(
    $$select v.sector, v.quantity, v.average_price, v.price, v.price_session, v.market_value, v.weight, v.unrealized_pnl, v.realized_pnl, v.stop_state from trade.valued_positions() as v$$,
    $$values ('Energy', 100::numeric, null::numeric, 100::numeric, date '2020-01-06', 10000::numeric, 0.01::numeric, null::numeric, null::numeric, null::text)$$,
    'adopted: its cost is unknown, not zero; no stop');
select trade.protect_positions('test');
select results_eq('select v.stop_state, v.stop_price, v.stop_quantity from trade.valued_positions() as v', $$values ('PENDING', 95.01::numeric, 100::numeric)$$, 'a stop that waits is not at the broker');
create temp table stop as select c.client_order_id as id, c.fencing_token as token from trade.claim_orders('test', 'worker', 60, 10) as c;
select trade.record_ack(s.id, s.token, 'stop-1') from stop as s;
select results_eq('select v.stop_state from trade.valued_positions() as v', $$values ('ACKNOWLEDGED')$$, 'it rests');
update market.price_history set close = 110 where symbol = 'AAA' and session > '2020-01-06';
select is(v.price, 100::numeric, 'a close that is not known yet is not used') from trade.valued_positions() as v;
select ops.advance_clock('2020-01-07 21:30+00');
select is(v.market_value, 11000::numeric, 'known now') from trade.valued_positions() as v;
select trade.record_fill('test', 'x', s.id, 40, 94, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00') from stop as s;
select results_eq('select v.quantity, v.stop_state, v.stop_quantity from trade.valued_positions() as v', $$values (60::numeric, 'PARTIAL', 60::numeric)$$, 'what is left of both');
-- Two stops, and one on the wrong side.
savepoint stops;
alter table trade.orders disable trigger all;
insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "second", "revision": 9, "quantity": 10, "stop_price": 90, "broker_order_id": "s2", "state": "ACKNOWLEDGED"}')).*
from trade.orders as o where o.client_order_id = (select s.id from stop as s);
select results_eq('select v.stop_price, v.stop_quantity from trade.valued_positions() as v', $$values (90::numeric, 70::numeric)$$, 'together, at the price that loses most');
update trade.orders set side = 'BUY';
select results_eq('select v.stop_state from trade.valued_positions() as v', $$values (null::text)$$, 'a stop that would add protects nothing');
rollback to stops;
update ref.universe set valid_to = '2020-01-08' where symbol = 'AAA';
insert into ref.universe (symbol, sector, valid_from) values ('AAA', 'Industrials', '2020-01-08');
select is(v.sector, 'Energy', 'the sector it was in at that close') from trade.valued_positions() as v;
update ref.universe set valid_from = '2020-01-09' where symbol = 'AAA' and sector = 'Industrials';
delete from ref.universe where symbol = 'AAA' and sector = 'Energy';
select is(v.sector, 'Industrials', 'before its first spell that one') from trade.valued_positions() as v;
select fixtures.hold('CCC', -10);
select results_eq($$select v.market_value, v.weight from trade.valued_positions() as v where v.symbol = 'CCC'$$, $$values (-2000::numeric, -0.002::numeric)$$, 'a short is negative');
delete from market.price_history where symbol = 'CCC';
select results_eq($$select v.quantity, v.price, v.market_value from trade.valued_positions() as v where v.symbol = 'CCC'$$, $$values (-10::numeric, null::numeric, null::numeric)$$, 'without a price it is held all the same');
select * from finish();
rollback;

-- Proves: I9 (positions and their cost, first in first out, whatever the order of arrival, over a split).
begin;
select plan(5);

select fixtures.desk();
create function pg_temp.fill(p_minute integer, p_side text, p_quantity numeric, p_price numeric) returns void language sql as $$
    insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, reference_price, price_basis, trade_session, config_sha256, state, placed_at)
    values ('o' || p_minute, 'test', repeat('1', 32), 1, 'AAA', 'entry', p_minute, p_side, p_quantity, 100, 'raw', '2020-01-07', repeat('a', 64), 'PENDING', ops.now());
    insert into trade.fills (account, execution_id, client_order_id, symbol, side, quantity, price, fee, price_basis, session, filled_at, occurred_at)
    values ('test', 'x' || p_minute, 'o' || p_minute, 'AAA', p_side, p_quantity, p_price, 1, 'raw', '2020-01-07', timestamptz '2020-01-07 15:00+00' + make_interval(mins => p_minute), ops.now());
$$;
-- Hand-computed: buy 10 @ 100, buy 10 @ 110, sell 15 @ 120: left 5 @ 110; gained 10 x 20 + 5 x 10 = 250. They arrive the other way round.
select pg_temp.fill(3, 'SELL', 15, 120), pg_temp.fill(2, 'BUY', 10, 110), pg_temp.fill(1, 'BUY', 10, 100);
select is(concat_ws(' ', p.quantity, p.average_price, p.cost, p.realized_pnl, p.fees, p.fill_count), '5 110.0000000000000000 550 250 3 3', 'first in, first out') from trade.positions as p;
-- Sell 12 @ 130: 5 close at +20 each (350 in all), 7 are short at 130.
select pg_temp.fill(4, 'SELL', 12, 130);
select is(concat_ws(' ', p.quantity, p.average_price, p.cost, p.realized_pnl), '-7 130.0000000000000000 -910 350', 'through zero: short at the price it was sold') from trade.positions as p;
select pg_temp.fill(5, 'BUY', 7, 100);
select is(concat_ws(' ', p.quantity, coalesce(p.average_price::text, 'none'), p.cost, p.realized_pnl), '0 none 0 560', 'closed: everything is realised, 7 x 30 more') from trade.positions as p;
select fixtures.hold('BBB', 10);
select is(concat_ws(' ', p.quantity, p.adjusted_quantity, coalesce(p.cost::text, 'unknown'), p.fill_count), '10 10 unknown 0', 'adopted shares have no known cost') from trade.positions as p where p.symbol = 'BBB';
-- 10 CCC at 210 become 20 at 105 overnight; 5 are sold at 110: 15 are left at 105, 25 are gained.
insert into trade.orders (client_order_id, account, cycle_id, run, symbol, leg, revision, side, quantity, reference_price, price_basis, trade_session, config_sha256, state, placed_at)
select 'c' || s.side, 'test', repeat('1', 32), 1, 'CCC', s.leg, 0, s.side, 100, 100, 'raw', '2020-01-07', repeat('a', 64), 'PENDING', ops.now()
from (values ('BUY', 'entry'), ('SELL', 'exit')) as s (side, leg);
insert into trade.fills (account, execution_id, client_order_id, symbol, side, quantity, price, fee, price_basis, session, filled_at, occurred_at)
values ('test', 'c1', 'cBUY', 'CCC', 'BUY', 10, 210, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00', ops.now()),
    ('test', 'c2', 'cSELL', 'CCC', 'SELL', 5, 110, 0, 'raw', '2020-01-08', '2020-01-08 15:00+00', ops.now());
select fixtures.action('CCC', '2020-01-08', 'split', 2);
select ops.advance_clock('2020-01-08 21:30+00');
select trade.apply_corporate_actions('test');
select results_eq($$select quantity, round(average_price, 6), round(cost, 6), round(realized_pnl, 6), adjusted_quantity from trade.positions where symbol = 'CCC'$$,
    $$values (15::numeric, 105::numeric, 1575::numeric, 25::numeric, 0::numeric)$$, 'a split moves no cost');

select * from finish();
rollback;

-- Proves: an analyst sees the book valued, each position beside its stop.
begin;
select plan(2);
select fixtures.resting();
set local role fund_analyst;
select results_eq('select p.account, p.symbol, p.quantity, p.market_value, p.weight, p.stop_price, p.stop_quantity, p.stop_state from audit.positions as p',
    $$values ('test', 'AAA', 100::numeric, 10000::numeric, 0.01::numeric, 95.01::numeric, 100::numeric, 'ACKNOWLEDGED')$$, 'the position and its stop');
select results_eq('select p.* from audit.positions as p', 'select v.* from trade.valued_positions() as v', 'the routine''s rows');
reset role;
select * from finish();
rollback;

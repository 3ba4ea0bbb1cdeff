-- Proves: D14 (rounding never widens a stop).
begin;
select plan(7);

select is(trade.tick_price(95.001, 'SELL'), 95.01, 'a sale is rounded up');
select is(trade.tick_price(95.009, 'BUY'), 95.00, 'a purchase down');
select is(trade.tick_price(95.01, 'SELL'), 95.01, 'a whole tick stays');
select is(trade.tick_price(0.12341, 'SELL'), 0.1235, 'below one USD by hundredths of a cent');
select is(trade.tick_price(0.00001, 'BUY'), null, 'what rounds to nothing is no price');
select is(trade.tick_price('NaN', 'SELL'), null, 'nor is NaN');
select is(trade.tick_price(95, null), null, 'no side, no price');

select * from finish();
rollback;

-- Proves: I16, I17 (what an order may be worth a share).
begin;
select plan(5);

select is(trade.worst_price(100, null, null), 100::numeric, 'a market order: the last close');
select is(trade.worst_price(100, 105, null), 105::numeric, 'a limit above it: the limit');
select is(trade.worst_price(100, 95, null), 100::numeric, 'a limit below it: the close');
select is(trade.worst_price(100, 104, 107), 107::numeric, 'a stop above both: the stop');
select is(trade.worst_price(null, 105, 107), null, 'without a close it is not known');

select * from finish();
rollback;

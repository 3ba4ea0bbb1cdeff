-- Proves: I9 (what was read is remembered).
begin;
select plan(2);

select fixtures.desk();
select is(trade.watermark('test', 'orders'), null, 'nothing read');
select trade.advance_watermark('test', 'orders', null, 'a');
select is(trade.watermark('test', 'orders'), 'a', 'read up to a');

select * from finish();
rollback;

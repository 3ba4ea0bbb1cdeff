-- Proves: I9 (a crash reads again and never skips); MQ240.
begin;
select plan(7);

select fixtures.desk();
select is(trade.advance_watermark('test', 'orders', null, 'a'), true, 'the first');
select is(trade.advance_watermark('test', 'orders', null, 'x'), false, 'another worker was first');
select is(trade.advance_watermark('test', 'orders', 'a', 'b'), true, 'onwards');
select is(trade.advance_watermark('test', 'orders', 'a', 'c'), false, 'from a mark that has moved');
select is(trade.watermark('test', 'orders'), 'b', 'the mark stands where the first put it');
select throws_ok($$select trade.advance_watermark('none', 'orders', null, 'a')$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.advance_watermark('test', 'x', null, 'a')$$, '23514', null, 'no such stream');

select * from finish();
rollback;

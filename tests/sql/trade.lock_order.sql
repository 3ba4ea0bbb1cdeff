-- Proves: I4 (an older token is refused); MQ312, MQ313.
begin;
select plan(4);

select fixtures.released();

select is((trade.lock_order(fixtures.aaa())).state, 'SUBMITTED', 'without a token');
select is((trade.lock_order(fixtures.aaa(), 1)).state, 'SUBMITTED', 'with the current one');
select throws_ok($$select trade.lock_order(fixtures.aaa(), 0)$$, 'MQ313', null, 'with an older one');
select throws_ok($$select trade.lock_order('nobody')$$, 'MQ312', null, 'an order nobody placed');

select * from finish();
rollback;

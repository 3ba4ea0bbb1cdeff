-- Proves: I8 (an account that is not reconciled releases nothing); MQ240.
begin;
select plan(4);

select fixtures.desk();
select is(trade.release_gate('test'), null, 'the paper exchange keeps its book here');
update trade.accounts set broker = 'alpaca', broker_account_id = 'x';
select is(trade.release_gate('test'), 'NOT_RECONCILED', 'a broker outside must be reconciled with first');
select throws_ok($$select trade.release_gate('none')$$, 'MQ240', null, 'no such account');
set local role fund_decider;
select throws_ok($$select trade.release_gate('test')$$, '42501', null, 'not the decider''s question');
reset role;

select * from finish();
rollback;

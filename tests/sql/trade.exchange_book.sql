-- Proves: what the paper exchange says of an account is what the database has; MQ240.
begin;
select plan(2);

select fixtures.desk();
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'interest', 5, 'test', '2020-01-07', ops.now());
select results_eq($$select cash, equity from trade.exchange_book('test')$$, $$values (1000005::numeric, 1000000::numeric)$$, 'cash now, equity at the last mark');
select throws_ok($$select trade.exchange_book('none')$$, 'MQ240', null, 'not an account');

select * from finish();
rollback;

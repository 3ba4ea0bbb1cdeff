-- Proves: A6 (a balance is the sum of its ledger).
begin;
select plan(1);

select fixtures.released();

select trade.record_fill('test', 'x', fixtures.aaa(), 60, 100, 2, 'raw', '2020-01-07', '2020-01-07 14:30+00');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'withdrawal', -1000, 'test', '2020-01-07', ops.now());
select results_eq($$select balance, contributed, fees from trade.cash$$, $$values (992998::numeric, 999000::numeric, 2::numeric)$$, 'balance, contributed capital, fees');

select * from finish();
rollback;

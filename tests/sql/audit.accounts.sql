-- Proves: an analyst sees which accounts there are.
begin;
select plan(1);
select fixtures.desk();
set local role fund_analyst;
select results_eq('select a.account, a.broker, a.kind, a.calendar, a.opening_capital from audit.accounts as a',
    $$values ('test', 'paper', 'paper', 'XTST', 1000000::numeric)$$, 'the account');
reset role;
select * from finish();
rollback;

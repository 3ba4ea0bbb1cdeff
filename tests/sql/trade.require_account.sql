-- Proves: MQ240.
begin;
select plan(3);

select fixtures.desk();
select is((trade.require_account('test')).calendar, 'XTST', 'the account');
select throws_ok($$select trade.require_account('none')$$, 'MQ240', null, 'which must exist');
select throws_ok($$select trade.require_account(null)$$, 'MQ240', null, 'and be named');

select * from finish();
rollback;

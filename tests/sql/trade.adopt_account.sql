-- Proves: I11 (an operator adopts, by rows); MQ240, MQ364.
begin;
select plan(13);

select fixtures.desk();
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'nothing was read yet');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"ZZZ": "1"}}'));
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'a symbol nobody knows');
select trade.record_snapshot('test', 'w', fixtures.reading('{"broker_account_id": "other"}'));
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'another account');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5", "BBB": "-2"}, "cash": "900000"}'));
select throws_ok($$select trade.adopt_account('test', ' ')$$, 'MQ364', null, 'no reason');
set local role fund_broker;
select throws_ok($$select trade.adopt_account('test', 'moved')$$, '42501', null, 'the worker does not');
set local role fund_operator;
select is(trade.adopt_account('test', 'moved'), true, 'the operator does');
select is(trade.adopt_account('test', 'moved'), false, 'once');
reset role;
select results_eq('select symbol, quantity, reason from trade.position_adjustments order by 1',
    $$values ('AAA', 5::numeric, 'adopted: moved'), ('BBB', -2::numeric, 'adopted: moved')$$, 'a row per position');
select results_eq($$select kind, amount from trade.cash_ledger where kind <> 'deposit'$$, $$values ('correction', -100000::numeric)$$, 'one of cash');
select results_eq($$select session from trade.position_adjustments union select session from trade.cash_ledger where kind = 'correction'$$,
    $$values (date '2020-01-07')$$, 'on the session whose mark has them, not on the one that is marked');
select is(count(*), 1::bigint, 'an audit event') from audit.audit_log where event = 'account.adopted';
select is(concat_ws(' ', s.clean, s.verdict), 't CLEAN', 'the next reading is clean')
from trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5", "BBB": "-2"}, "cash": "900000"}')) as s;
select throws_ok($$select trade.adopt_account('none', 'x')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

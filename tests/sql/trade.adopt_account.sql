-- Proves: I11 (an operator adopts, by rows), A6, B7 (what is adopted is capital: no return, no loss); MQ240, MQ364.
begin;
select plan(17);

select fixtures.desk();
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'nothing was read yet');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"ZZZ": "1"}}'));
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'a symbol nobody knows');
select trade.record_snapshot('test', 'w', fixtures.reading('{"broker_account_id": "other"}'));
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'another account');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5", "BBB": "-2"}, "cash": "900000"}'));
select throws_ok($$select trade.adopt_account('test', ' ')$$, 'MQ364', null, 'no reason');
savepoint priced;
delete from market.price_history where symbol = 'BBB';
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'a position nobody can say the worth of');
rollback to priced;
select ops.advance_clock(ops.now() + interval '6 minutes');
select throws_ok($$select trade.adopt_account('test', 'moved')$$, 'MQ364', null, 'a reading of a while ago: what has moved since is not in it');
rollback to priced;
set local role fund_broker;
select throws_ok($$select trade.adopt_account('test', 'moved')$$, '42501', null, 'the worker does not');
set local role fund_operator;
select is(trade.adopt_account('test', 'moved'), true, 'the operator does');
select is(trade.adopt_account('test', 'moved'), false, 'once');
reset role;
select results_eq('select symbol, quantity, reason from trade.position_adjustments order by 1',
    $$values ('AAA', 5::numeric, 'adopted: moved'), ('BBB', -2::numeric, 'adopted: moved')$$, 'a row per position');
-- 5 AAA at 100, 2 BBB short at 50: worth 400 of the 900,400 that are there.
select results_eq($$select kind, amount from trade.cash_ledger where reason = 'adopted: moved' order by kind$$,
    $$values ('correction', -400::numeric), ('withdrawal', -99600)$$, 'capital that is not there, and what the positions cost');
select results_eq($$select session from trade.position_adjustments union select session from trade.cash_ledger where reason = 'adopted: moved'$$,
    $$values (date '2020-01-07')$$, 'on the session whose mark has them, not on the one that is marked');
select is(count(*), 1::bigint, 'an audit event') from audit.audit_log where event = 'account.adopted';
select is(concat_ws(' ', s.clean, s.verdict), 't CLEAN', 'the next reading is clean')
from trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5", "BBB": "-2"}, "cash": "900000"}')) as s;
select ops.advance_clock('2020-01-07 21:30+00');
select ok(trade.mark_nav('test', '2020-01-07'), 'its first mark');
select results_eq($$select n.nav, round(n.period_return::numeric, 9), round(trade.capital_loss('test')::numeric, 9) from trade.nav as n where n.session = '2020-01-07'$$,
    $$values (900400::numeric, 0::numeric, 0::numeric)$$, 'shows no return, and no loss of capital that was never there');
select throws_ok($$select trade.adopt_account('none', 'x')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

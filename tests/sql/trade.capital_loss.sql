-- Proves: A6, B7: against deposits less withdrawals up to the mark; never re-based.
begin;
select plan(7);
select fixtures.desk();
select is(trade.capital_loss('test'), 0::float8, 'nothing lost');
alter table trade.nav disable trigger all;
update trade.nav set nav = 750000, cash = 750000;
select is(trade.capital_loss('test'), 0.25::float8, 'a quarter');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'deposit', 1000000, 'x', '2020-01-07', ops.now());
select is(trade.capital_loss('test'), 0.25::float8, 'money that came after the mark is in neither');
insert into trade.mark_rebases (account, session, nav_index, cycle_id, run) values ('test', '2020-01-06', 1, repeat('1', 32), 1);
select is(trade.capital_loss('test'), 0.25::float8, 'a re-base changes nothing');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'withdrawal', -1000000, 'x', '2020-01-06', ops.now());
select is(trade.capital_loss('test'), 0::float8, 'everything paid in was paid out: what is left is a gain');
update trade.nav set nav = -1, cash = -1;
select is(trade.capital_loss('test'), null, 'neither capital nor NAV is not known');
select is(trade.capital_loss('none'), null, 'nor is an account without a mark');
select * from finish();
rollback;

-- Proves: I31 (an account of ours is one account of a broker, said once by a person); MQ240, MQ365.
begin;
select plan(13);

select fixtures.desk();
insert into govern.config_versions (config_sha256, body, parsed) values
(repeat('c', 64), '', '{"fund": {"session_calendar": "XTST"}, "accounts": {"defaults": [
    {"name": "away", "broker": "alpaca", "mode": "paper", "opening_capital": 250000.0, "strategy": "institutional"},
    {"name": "again", "broker": "alpaca", "mode": "paper", "opening_capital": 250000.0, "strategy": "contrarian"}]}}');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('c', 64), 'fixture', ops.now());
select throws_ok($$select trade.connect_account('nobody', 'acct-1', 'mine')$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.connect_account('test', 'acct-1', 'mine')$$, 'MQ365', null, 'the paper exchange is nowhere else');
select throws_ok($$select trade.connect_account('away', 'acct-1', ' ')$$, 'MQ365', null, 'no reason');
select throws_ok($$select trade.connect_account('away', '', 'mine')$$, 'MQ365', null, 'no id');
set local role fund_broker;
select throws_ok($$select trade.connect_account('away', 'acct-1', 'mine')$$, '42501', null, 'not the worker');
set local role fund_operator;
select ok(trade.connect_account('away', 'acct-1', 'mine'), 'connected');
select ok(not trade.connect_account('away', 'acct-1', 'mine'), 'again changes nothing');
select throws_ok($$select trade.connect_account('away', 'acct-2', 'mine')$$, 'MQ365', null, 'never to another one');
select throws_ok($$select trade.connect_account('again', 'acct-1', 'mine')$$, 'MQ365', 'that account of the broker is away here', 'nor are two of ours one');
select ok(trade.connect_account('again', 'acct-2', 'mine'), 'they are two');
reset role;
select is(concat_ws(' ', a.broker, a.broker_account_id, a.opening_capital), 'alpaca acct-1 250000.0', 'as the configuration names it')
from trade.accounts as a where a.account = 'away';
select is(convert_from(l.payload, 'UTF8')::jsonb #>> '{body,reason}', 'mine', 'with the reason in the chain') from audit.audit_log as l where l.event = 'account.connected';

select * from finish();
rollback;

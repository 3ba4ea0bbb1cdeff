-- Proves: B5: an operator approves the closing of one account, with a reason and an end, told and kept.
begin;
select plan(9);
select fixtures.desk();
set local role fund_operator;
select throws_ok($$select govern.approve_liquidation('test', '')$$, 'MQ428', null, 'a reason');
select throws_ok($$select govern.approve_liquidation('test', 'why', 0)$$, 'MQ428', null, 'an end');
select throws_ok($$select govern.approve_liquidation('test', 'why', null)$$, 'MQ428', null, 'a known one');
select throws_ok($$select govern.approve_liquidation('nobody', 'why')$$, 'MQ240', null, 'an account');
select is(govern.approve_liquidation('test', 'why', 2), timestamptz '2020-01-06 23:30Z', 'until when');
reset role;
select is((select count(*)::integer from notify.alerts as a where a.code = 'LIQUIDATION_APPROVED' and a.level = 'CRITICAL'), 1, 'heard');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'liquidation.approved' and l.account = 'test'), 1, 'an audit row');
select throws_ok('delete from govern.liquidation_approvals', 'MQ211', null, 'it stays');
set local role fund_decider;
select throws_ok($$select govern.approve_liquidation('test', 'why')$$, '42501', null, 'no process approves its own');
reset role;
select * from finish();
rollback;

-- Proves: I8; MQ240.
begin;
select plan(5);

select fixtures.desk();
select is(trade.report_break('test', 'ACCOUNT_ID', null, null, '{"theirs": "x"}'), true, 'new');
select is(trade.report_break('test', 'ACCOUNT_ID', null, null, '{"theirs": "x"}'), false, 'open already');
select is(count(*), 1::bigint, 'one audit event') from audit.audit_log where event = 'break.raised';
select throws_ok($$select trade.report_break('none', 'CASH', null, null, null)$$, 'MQ240', null, 'no such account');
set local role fund_decider;
select throws_ok($$select trade.report_break('test', 'CASH', null, null, null)$$, '42501', null, 'not the decider');
reset role;

select * from finish();
rollback;

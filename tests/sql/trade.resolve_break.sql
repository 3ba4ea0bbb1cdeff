-- Proves: I8 (only an operator resolves, with a reason); MQ360.
begin;
select plan(11);

select fixtures.desk();
select trade.report_break('test', 'CASH', null, null, '{}');
select is(trade.release_gate('test'), 'HALTED', 'an open halt closes the account, the paper one too');
select throws_ok($$select trade.resolve_break(-1, 'x')$$, 'MQ360', null, 'no such break');
select throws_ok($$select trade.resolve_break(min(break_id), ' ') from trade.breaks$$, 'MQ360', null, 'no reason');
set local role fund_broker;
select throws_ok($$select trade.resolve_break(1, 'x')$$, '42501', null, 'the worker that raised it does not resolve it');
set local role fund_operator;
select is(trade.resolve_break(min(b.break_id), 'a fee, booked by hand'), true, 'the operator does') from trade.open_breaks as b;
reset role;
select is(trade.release_gate('test'), null, 'the account is open again');
select trade.report_break('test', 'CLOCK', null, null, '{}');
select throws_ok($$select trade.resolve_break(max(break_id), 'x', true) from trade.breaks$$, 'MQ366', null, 'a clock has no figure to accept');
select is(count(*), 1::bigint, 'and stays open') from trade.open_breaks;
select is(trade.resolve_break(min(break_id), 'again'), false, 'resolved once') from trade.breaks;
select is(reason, 'a fee, booked by hand', 'the first reason stays') from trade.break_resolutions;
select is(count(*), 1::bigint, 'an audit event') from audit.audit_log where event = 'break.resolved';

select * from finish();
rollback;

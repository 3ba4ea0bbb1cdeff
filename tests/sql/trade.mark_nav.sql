-- Proves: A6, A7, B7, F18 (a mark per session, once; time-weighted; a stale symbol is named; the loss that kills); MQ240, MQ318-MQ323.
begin;
select plan(19);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');

select throws_ok($$select trade.mark_nav('test', '2020-01-07')$$, 'MQ319', null, 'the session is not over');
select ops.advance_clock('2020-01-07 21:30+00');
select throws_ok($$select trade.mark_nav('test', '2020-01-07')$$, 'MQ320', null, 'its order may still be filled');
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 99, 1, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select is(trade.mark_nav('test', '2020-01-07'), true, 'marked');
select results_eq($$select cash, long_value, short_value, nav, net_flow, period_return, nav_index from trade.nav where session = '2020-01-07'$$,
    $$values (990099::numeric, 10000::numeric, 0::numeric, 1000099::numeric, 0::numeric, 1.000099::double precision - 1, 1 * (1 + (1.000099::double precision - 1)))$$, '100 shares bought at 99, fee 1, close 100');
select is(trade.mark_nav('test', '2020-01-07'), false, 'again');
select is(count(*), 2::bigint, 'once') from trade.nav;
select is(trade.mark_nav('test', '2020-01-06'), false, 'the opening mark stays');
select throws_ok($$select trade.mark_nav('test', '2020-01-11')$$, 'MQ318', null, 'not a session');
select throws_ok($$select trade.mark_nav('none', '2020-01-07')$$, 'MQ240', null, 'not an account');
savepoint s;
update market.price_history set close = 101, high = 101 where symbol = 'AAA' and session = '2020-01-07';
select throws_ok($$select trade.mark_nav('test', '2020-01-07')$$, 'MQ323', null, 'a restated bar does not change a mark');
rollback to s;
-- A mark that shows the loss that kills does so, in its own transaction; the mark stays.
select ops.advance_clock('2020-01-08 21:30+00');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'fee', -300000, 'test', '2020-01-08', ops.now());
select is(trade.mark_nav('test', '2020-01-08'), true, 'marked');
select is(array(select k.source from ops.kill_sources as k), array['loss'], 'and killed');
rollback to s;
select ops.advance_clock('2020-01-08 21:30+00');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'withdrawal', -300000, 'test', '2020-01-08', ops.now());
select is(concat(trade.mark_nav('test', '2020-01-08'), ops.kill_engaged(false)), 'tf', 'a withdrawal is no loss');
rollback to s;
select ops.advance_clock('2020-01-09 21:30+00');
select throws_ok($$select trade.mark_nav('test', '2020-01-09')$$, 'MQ321', null, 'no session is left out');
-- A deposit of 500,000 on Wednesday is no return; AAA has no bar that day.
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'deposit', 500000, 'test', '2020-01-08', ops.now());
delete from market.price_history where symbol = 'AAA' and session = '2020-01-08';
select is(trade.mark_nav('test', '2020-01-08'), true, 'marked');
select results_eq($$select nav, net_flow, period_return, stale_marks from trade.nav where session = '2020-01-08'$$,
    $$values (1500099::numeric, 500000::numeric, 0::double precision, '[{"symbol": "AAA", "session": "2020-01-07"}]'::jsonb)$$, 'a flow is no return; the old close is named');
-- Thursday: AAA at 20,000 doubles the index' gain, Friday it is lost again: marks stay at the top.
update market.price_history set close = 20000, high = 20000 where symbol = 'AAA' and session = '2020-01-09';
select trade.mark_nav('test', '2020-01-09');
select ops.advance_clock('2020-01-10 21:30+00');
select trade.mark_nav('test', '2020-01-10');
select is(n.lifetime_mark, p.nav_index, 'the lifetime mark is the top') from trade.nav as n, trade.nav as p where n.session = '2020-01-10' and p.session = '2020-01-09';
select ok(n.nav_index < n.tactical_mark and n.tactical_mark = n.lifetime_mark, 'so is the tactical one, until it is re-based') from trade.nav as n where n.session = '2020-01-10';
select is(count(*), 4::bigint, 'four marks in the audit chain') from audit.audit_log where event = 'nav.marked';

select * from finish();
rollback;

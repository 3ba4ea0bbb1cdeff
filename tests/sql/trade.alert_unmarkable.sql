-- Proves: F16, F18: a book that cannot be marked is an alert, of what is so and not of what a worker says.
begin;
select plan(9);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select ops.advance_clock('2020-01-07 21:30+00');
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
set local session authorization fund_broker;
select throws_ok($$select notify.enqueue('HIGH', 'RISK', 'X', 'x')$$, '42501', null, 'the worker queues nothing by itself');
select is(trade.alert_unmarkable('test', '2020-01-07'), false, 'a book with prices');
select is(trade.alert_unmarkable('nobody', '2020-01-07'), false, 'no account');
select is(trade.alert_unmarkable('test', '2020-01-06'), false, 'nothing before it');
set local session authorization postgres;
select is((select count(*)::integer from notify.alerts as a where a.code = 'BOOK_UNMARKABLE'), 0, 'no word of it');
delete from market.price_history where symbol = 'AAA';
set local session authorization fund_broker;
select is(trade.alert_unmarkable('test', '2020-01-07'), true, 'a position without any price');
select is(trade.alert_unmarkable('test', '2020-01-07'), true, 'pass after pass');
set local session authorization postgres;
select results_eq($$select a.level, a.symbol, a.account, a.repeats, a.raised_by from notify.alerts as a where a.code = 'BOOK_UNMARKABLE'$$,
    $$values ('HIGH', 'AAA', 'test', 1, 'fund_broker')$$, 'one alert, counted');
select is((select count(*)::integer from trade.nav as n where n.account = 'test'), 1, 'nothing was marked');

select * from finish();
rollback;

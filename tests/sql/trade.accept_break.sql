-- Proves: I8, I9 (books are mended by ledger rows with a person's reason), A6 (capital paid in or out is no return); MQ366.
begin;
select plan(49);

select fixtures.released();
select fixtures.external();
create function pg_temp.read(p_change jsonb default '{}') returns text language sql as $$
    select s.verdict from trade.record_snapshot('test', 'w', fixtures.reading(p_change)) as s
$$;
create function pg_temp.accept(p_kind text) returns boolean language sql as $$
    select trade.resolve_break(b.break_id, 'looked at', true) from trade.open_breaks as b where b.kind = p_kind
$$;
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}') from generate_series(1, 2);
select is(string_agg(b.kind, ',' order by b.kind), 'CASH,POSITION', 'two differences that last') from trade.open_breaks as b;
-- What is booked between the reading and the word is in neither figure of it: a fill, a split, cash.
savepoint s;
select trade.record_ack(fixtures.aaa(), 1, 'b-1'), trade.record_fill('test', 'x', fixtures.aaa(), 60, 100, 0, 'raw', '2020-01-07', ops.now());
select throws_ok($$select pg_temp.accept('CASH')$$, 'MQ366', 'our books changed after the last complete reading', 'a fill moved the cash');
select ok(pg_temp.accept('POSITION'), 'of another symbol: this one did not move');
rollback to s;
select fixtures.hold('BBB', 7.5);
select throws_ok($$select pg_temp.accept('POSITION')$$, 'MQ366', null, 'booked since the reading: it would be booked twice');
select is(count(*), 1::bigint, 'nothing is') from trade.position_adjustments;
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}');
select ok(pg_temp.accept('POSITION'), 'a new reading tells');
select is(h.quantity, 7.5, 'that nothing is missing') from trade.held_quantities as h where h.symbol = 'BBB';
rollback to s;
select fixtures.hold('BBB', 4);
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}');
select fixtures.action('BBB', '2020-01-07', 'split', 2);
select ops.advance_clock('2020-01-07 15:00+00');
select is(string_agg(concat_ws(' ', a.symbol, trim_scale(a.quantity)), ','), 'BBB 4', 'a split of it') from trade.apply_corporate_actions('test') as a;
select throws_ok($$select pg_temp.accept('POSITION')$$, 'MQ366', null, 'booked since the reading');
select is(trim_scale(h.quantity), 8::numeric, 'is booked once') from trade.held_quantities as h where h.symbol = 'BBB';
rollback to s;
-- The thousand that is missing was withdrawn.
create function pg_temp.paid(p_kind text, p_accept boolean default true) returns boolean language sql as $$
    select trade.resolve_break(b.break_id, 'withdrawn', p_accept, true) from trade.open_breaks as b where b.kind = p_kind
$$;
select throws_ok($$select pg_temp.paid('POSITION')$$, 'MQ366', null, 'shares are not paid in');
savepoint figure;
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "998300"}');
select throws_ok($$select pg_temp.paid('CASH')$$, 'MQ366', 'the difference is another one by now', 'a fee of 700 came: no capital, and not what the break says');
select trade.resolve_break(b.break_id, 'two things') from trade.open_breaks as b where b.kind = 'CASH';
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "998300"}');
select is(b.evidence ->> 'theirs', '998300', 'resolved without it, what differs is a break of its own') from trade.open_breaks as b where b.kind = 'CASH';
select ok(pg_temp.accept('CASH'), 'whose figure is accepted');
select is(l.amount, -1700::numeric, 'as it says') from trade.cash_ledger as l where l.kind = 'correction';
rollback to figure;
select pg_temp.read('{"positions": {"BBB": "7.5"}}');
select throws_ok($$select pg_temp.paid('CASH')$$, 'MQ366', 'nothing differs any more', 'gone by itself: no capital came or went');
select ok(pg_temp.accept('CASH'), 'as no capital it is over');
rollback to figure;
-- Nine hundred of it, and a fee: each is its own row, the second by a break of its own.
select throws_ok($$select trade.resolve_break(b.break_id, 'x', true, false, 7) from trade.open_breaks as b where b.kind = 'POSITION'$$, 'MQ366',
    'only of cash that is accepted can an amount be said', 'shares have no amount');
select throws_ok($$select trade.resolve_break(b.break_id, 'x', false, false, -900) from trade.open_breaks as b where b.kind = 'CASH'$$, 'MQ366', null, 'nor has what is not accepted');
select ok(trade.resolve_break(b.break_id, 'withdrawn', true, true, -900), 'a part of it is said') from trade.open_breaks as b where b.kind = 'CASH';
select is(concat_ws(' ', l.kind, l.amount), 'withdrawal -900', 'and booked') from trade.cash_ledger as l where l.occurred_at = ops.now() and l.kind in ('withdrawal', 'correction');
select isnt(trade.release_gate('test'), null, 'nothing leaves while the rest differs');
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}') from generate_series(1, 2);
select ok(pg_temp.accept('CASH'), 'which is a break of its own');
select is(l.amount, -100::numeric, 'the fee') from trade.cash_ledger as l where l.kind = 'correction';
rollback to figure;
select throws_ok($$select pg_temp.paid('CASH', false)$$, 'MQ366', null, 'nor what is not accepted');
select ok(pg_temp.paid('CASH'), 'cash is');
select is(l.amount, -1000::numeric, 'a withdrawal') from trade.cash_ledger as l where l.kind = 'withdrawal';
select trade.expire_orders('test'), ops.advance_clock('2020-01-07 21:30+00');
select trade.record_ack(fixtures.aaa(), 1, 'b-1'), trade.record_end(fixtures.aaa(), 'EXPIRED', 'x', 1);
select ok(trade.mark_nav('test', '2020-01-07'), 'marked');
select is(concat_ws(' ', n.nav, n.net_flow, n.period_return), '999000 -1000 0', 'it is no return') from trade.nav as n where n.session = '2020-01-07';
rollback to s;
select ok(pg_temp.accept('POSITION'), 'the position is accepted');
select is(concat_ws(' ', a.symbol, a.quantity, a.reason like 'break % looked at'), 'BBB 7.5 t', 'an adjustment with the reason') from trade.position_adjustments as a;
select ok(pg_temp.accept('CASH'), 'the cash is accepted');
select is(l.amount, -1000::numeric, 'a correction') from trade.cash_ledger as l where l.kind = 'correction';
select is(pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}'), 'CLEAN', 'both books are equal');
-- The session before is marked, and is not marked otherwise by what is accepted after it.
select results_eq($$select a.session, l.session from trade.position_adjustments as a, trade.cash_ledger as l where l.kind = 'correction'$$,
    $$values (date '2020-01-07', date '2020-01-07')$$, 'both stand on the session whose mark has them');
select is_empty($$select * from trade.marked_positions('test', '2020-01-06')$$, 'not on the one that is marked without them');
select is(n.cash, sum(l.amount), 'whose cash is what it was marked with')
from trade.nav as n join trade.cash_ledger as l on l.account = n.account and l.session <= n.session group by n.cash;
select is((select count(*) from trade.position_adjustments), 1::bigint, 'one row');

-- An execution that is told otherwise than it was booked: the end of its order waits for it, and the mark for the end.
savepoint before;
select fixtures.reported();
create function pg_temp.executed(p_quantity numeric) returns text language sql as $$
    select trade.record_execution('test', jsonb_build_object('execution_id', 'x1', 'broker_order_id', 'b1', 'symbol', 'AAA', 'side', 'BUY', 'quantity', p_quantity,
        'price', 100, 'fee', 0, 'price_basis', 'raw', 'session', '2020-01-07', 'filled_at', '2020-01-07T15:00:00Z'))
$$;
create function pg_temp.unbooked() returns integer language sql as $$
    select r.unbooked from trade.record_reports('test', jsonb_build_array(fixtures.report('{"status": "filled", "filled_quantity": "100"}'))) as r
$$;
select is(pg_temp.executed(60) || ' ' || pg_temp.executed(100), 'BOOKED BREAK', 'an execution restated');
select is(pg_temp.unbooked(), 1, 'forty shares short');
select ok(pg_temp.accept('EXECUTION'), 'is accepted');
select is(concat_ws(' ', o.state, o.closed_at is not null), 'CANCELLED t', 'its order is over') from trade.orders as o;
select is(pg_temp.unbooked(), 0, 'and nothing waits for what was not booked');
select ops.advance_clock('2020-01-07 21:30+00');
select ok(trade.mark_nav('test', '2020-01-07'), 'nor does the mark');
rollback to before;
select fixtures.reported();
select pg_temp.read('{"positions": {"BBB": "7.5"}, "cash": "999000"}') from generate_series(1, 2);
select is(b.kind || ' ' || (b.subject = fixtures.aaa()), 'ORDER_MISSING true', 'an order of ours that is in no list') from trade.open_breaks as b;
savepoint missing;
select pg_temp.read(jsonb_build_object('open_orders', jsonb_build_array(fixtures.aaa())));
select throws_ok($$select pg_temp.accept('ORDER_MISSING')$$, 'MQ366', 'the last complete reading has the order again', 'listed again it lives: another would be placed beside it');
rollback to missing;
select pg_temp.accept('ORDER_MISSING');
select is(o.state, 'CANCELLED', 'is over') from trade.orders as o;
select trade.report_break('test', 'POSITION', 'NO SUCH', null, '{}');
select throws_ok($$select pg_temp.accept('POSITION')$$, 'MQ366', null, 'a symbol we do not know');
select trade.report_break('test', 'UNKNOWN_STATUS', null, 'x', '{}');
select throws_ok($$select pg_temp.accept('UNKNOWN_STATUS')$$, 'MQ366', null, 'a word has no figure');

select * from finish();
rollback;

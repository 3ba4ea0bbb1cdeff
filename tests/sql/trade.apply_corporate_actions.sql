-- Proves: I9, F9 (a split and a dividend are ledger rows, once, with their audit event); a position keeps its value over a split; MQ240.
begin;
select plan(18);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select ops.advance_clock('2020-01-07 21:00+00');
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select fixtures.hold('BBB', -70);
select fixtures.hold('CCC', 7);
select trade.mark_nav('test', '2020-01-07');
select fixtures.action('AAA', '2020-01-08', 'split', 2);
select fixtures.rebase('AAA', '2020-01-08', 2);
select fixtures.action('BBB', '2020-01-09', 'split', 7);
select fixtures.rebase('BBB', '2020-01-09', 7);
select fixtures.action('CCC', '2020-01-09', 'dividend', 1.005, 1.0);
select is_empty($$select * from trade.apply_corporate_actions('test')$$, 'nothing is known yet');

-- The worker was away until Thursday night: each session has its own.
select ops.advance_clock('2020-01-09 21:00+00');
select throws_ok($$select trade.mark_nav('test', '2020-01-08')$$, 'MQ370', null, 'no mark without what is known');
select results_eq($$select * from trade.apply_corporate_actions('test')$$, $$values
    ('AAA', date '2020-01-08', 'split', 100::numeric, 0::numeric, date '2020-01-08'),
    ('BBB', '2020-01-09', 'split', -420, 0, '2020-01-09'), ('CCC', '2020-01-09', 'dividend', 0, 7, '2020-01-09')$$, 'booked for its session, earliest first');
select is_empty($$select * from trade.apply_corporate_actions('test')$$, 'again changes nothing');
select results_eq($$select symbol, quantity from trade.held_quantities where account = 'test' order by 1$$,
    $$values ('AAA', 200::numeric), ('BBB', -490), ('CCC', 7)$$, 'positions');
select results_eq($$select kind, amount, session from trade.cash_ledger where kind not in ('deposit', 'trade', 'fee')$$,
    $$values ('dividend', 7::numeric, date '2020-01-09')$$, 'cash');
select is(count(*), 3::bigint, 'an event each in the audit chain') from audit.audit_log where event = 'action.applied';
select lives_ok($$select trade.mark_nav('test', '2020-01-08'), trade.mark_nav('test', '2020-01-09')$$, 'now it is marked');
select results_eq($$select session, long_value, round(short_value, 9), round(nav, 9), round(period_return::numeric, 12) from trade.nav where session > '2020-01-06' order by 1$$, $$values
    (date '2020-01-07', 11400::numeric, -3500::numeric, 997900::numeric, -0.0021::numeric),
    ('2020-01-08', 11400, -3500, 997900, 0),
    ('2020-01-09', 11400, -3500, 997907, 0.000007014731)$$, 'the 2:1 and the 7:1 change no value, the dividend is a return');

-- A held symbol without a bar on its ex-date is marked at its last close, of old shares.
savepoint s;
select fixtures.action('AAA', '2020-01-10', 'split', 2);
delete from market.price_history where symbol = 'AAA' and session = '2020-01-10';
select ops.advance_clock('2020-01-10 21:30+00');
select trade.apply_corporate_actions('test');
select results_eq($$select quantity, price, price_session from trade.marked_positions('test', '2020-01-10') where symbol = 'AAA'$$,
    $$values (400::numeric, 25::numeric, date '2020-01-09')$$, 'a stale price is divided by the split since');
rollback to s;

-- Learned late: the ex-date is marked, so the first open session has it.
select fixtures.action('CCC', '2020-01-08', 'split', 2);
select results_eq($$select ex_date, kind, quantity, cash, session from trade.apply_corporate_actions('test')$$, $$values
    (date '2020-01-08', 'split', 7::numeric, 0::numeric, date '2020-01-10'), ('2020-01-09', 'dividend', 0, 7, '2020-01-10')$$,
    'with what a later action owes of it');
select is(round(nav, 9), 997907::numeric, 'the marks stay') from trade.nav where session = '2020-01-09';
select ops.advance_clock('2020-01-10 21:30+00');
select trade.mark_nav('test', '2020-01-10');
select is(round(nav, 9), 999314::numeric, 'and the next one has it: 7 CCC at 200 and a dividend') from trade.nav where session = '2020-01-10';
select is(count(*), 2::bigint, 'two entries of one action') from trade.applied_actions where symbol = 'CCC' and kind = 'dividend';
select throws_ok($$update trade.applied_actions set held = 0$$, 'MQ211', null, 'append-only');
select throws_ok($$select * from trade.apply_corporate_actions('none')$$, 'MQ240', null, 'not an account');

-- Adjusted prices contain their actions.
update ref.instruments set price_basis = 'fully_adjusted' where symbol = 'AAA';
select fixtures.action('AAA', '2020-01-10', 'split', 3);
select is_empty($$select * from trade.due_actions('test')$$, 'nothing is due of an adjusted series');
select is(sum(l.amount), (select c.balance from trade.cash as c where c.account = 'test'), 'cash is the sum of its ledger') from trade.cash_ledger as l;

select * from finish();
rollback;

-- Proves: F9, F14 (what an action owes of what was held before it, less what is booked).
begin;
select plan(10);

select fixtures.desk();
select fixtures.hold('AAA', 10.5);
select fixtures.hold('BBB', -20);
select fixtures.hold('CCC', 0.3333);
select fixtures.hold('DDD', 3);
select fixtures.action('AAA', '2020-01-08', 'split', 0.142857142857143);
select fixtures.action('AAA', '2020-01-08', 'dividend', 1.01, 0.7);
select fixtures.action('BBB', '2020-01-07', 'dividend', 1.01);
select fixtures.action('CCC', '2020-01-08', 'split', 1.5);
select fixtures.action('DDD', '2020-01-08', 'split', 0.333333333333333);
select is_empty($$select * from trade.due_actions('test')$$, 'nothing that is not known');
select ops.advance_clock('2020-01-07 21:00+00');
select results_eq($$select symbol, kind, entry, held, quantity, cash from trade.due_actions('test')$$,
    $$values ('BBB', 'dividend', 1, -20::numeric, 0::numeric, -10.0::numeric)$$, 'a short pays; no amount: (factor - 1) x close');
select ops.advance_clock('2020-01-08 14:30+00');
select is(quantity, -9::numeric, '10.5 for 7 are 1.5 shares') from trade.due_actions('test') where symbol = 'AAA';
select results_eq($$select quantity, cash from trade.due_actions('test') where symbol = 'DDD'$$, $$values (-2::numeric, 0::numeric)$$,
    'three for one, though the factor has fifteen digits');
select fixtures.hold('AAA', 100);
select is(held, 10.5, 'what comes after the opening has no part in it') from trade.due_actions('test') where symbol = 'AAA';
select results_eq($$select held, quantity, cash from trade.due_actions('test') where symbol = 'CCC'$$,
    $$values (0.3333::numeric, 0.1666::numeric, 0.00005 * 200 / 1.5)$$, 'what is below four decimals is paid at the close before / factor');
insert into trade.position_adjustments (account, symbol, quantity, reason, session, occurred_at) values ('test', 'DDD', 3, 'accepted', '2020-01-08', '2020-01-08 14:00+00');
select is(held, 6::numeric, 'what was accepted before it has, though that stands on this session') from trade.due_actions('test') where symbol = 'DDD';
select ops.advance_clock('2020-01-08 21:00+00');
select trade.apply_corporate_actions('test');
select is_empty($$select * from trade.due_actions('test')$$, 'booked is not due');
select is(held, 1.5, 'of one date the split is first') from trade.applied_actions where symbol = 'AAA' and kind = 'dividend';
select fixtures.action('BBB', '2020-01-07', 'dividend', 1, null, 1);
select results_eq($$select entry, revision, cash from trade.due_actions('test')$$, $$values (2, 1, 10.0::numeric)$$, 'a cancelled one is due the other way');

select * from finish();
rollback;

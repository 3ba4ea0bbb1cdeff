-- Proves: A6: a dividend is booked on its ex-date and may be paid up to sixty days later, the earlier ones first.
begin;
select plan(3);
select fixtures.released();
select results_eq($$select * from trade.unpaid_dividends('test')$$, $$values (0::numeric)$$, 'none was booked');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values
    ('test', 'dividend', 30, 'BBB', '2020-01-03', ops.now()), ('test', 'dividend', -12, 'CCC', '2020-01-06', ops.now()),
    ('test', 'dividend', 5, 'AAA', '2020-01-06', ops.now()), ('test', 'dividend', 7, 'old', '2019-10-01', ops.now());
select set_eq($$select * from trade.unpaid_dividends('test')$$, $$values (0::numeric), (5), (-7), (23)$$,
    'none, the newest, the two newest, all: what one owes on a short is one of them, and none of the old ones');
select set_eq($$select * from trade.unpaid_dividends('test', false)$$, $$values (5::numeric), (-12), (30)$$, 'or each by itself');
select * from finish();
rollback;

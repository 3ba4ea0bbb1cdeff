-- Proves: HELD, A4, A6 (what a cycle needs of an account); MQ240.
begin;
select plan(5);

select fixtures.desk();
select fixtures.hold('BBB', -40);
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}]');
select is(
    trade.account_state('test', '2020-01-06') - 'turnover_used',
    '{"nav": 1000000, "cash": 1000000, "account": "test", "nav_index": 1, "positions": {"BBB": -40}, "nav_returns": [], "open_orders": {"AAA": 100}, "stale_marks": [], "as_of_session": "2020-01-06", "lifetime_mark": 1, "tactical_mark": 1, "contributed_capital": 1000000}',
    'all of it'
);
select is((trade.account_state('test', '2020-01-06') ->> 'turnover_used')::numeric, 0.01, 'increases already placed for the next session');
select is(trade.account_state('test', '2020-01-07') -> 'nav', 'null', 'a session without a mark has no NAV');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'withdrawal', -500000, 'test', '2020-01-07', ops.now());
select results_eq($$select (a ->> 'nav')::numeric, (a ->> 'contributed_capital')::numeric, (a ->> 'turnover_used')::numeric from trade.account_state('test', '2020-01-06') as a$$,
    $$values (500000::numeric, 500000::numeric, 0.02)$$, 'capital paid out since the mark is in neither');
select throws_ok($$select trade.account_state('none', '2020-01-06')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

-- Proves: HELD, A4, A6 (what a cycle needs of an account); MQ240.
begin;
select plan(4);

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
select throws_ok($$select trade.account_state('none', '2020-01-06')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;

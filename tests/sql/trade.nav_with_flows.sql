-- Proves: I16, A6 (what may be held is a fraction of what is in the account, also before the mark that shows a flow).
begin;
select plan(6);

select fixtures.desk();
create function pg_temp.book(p_kind text, p_amount numeric, p_session date) returns void language sql as $$
    insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
    values ('test', p_kind, p_amount, 'test', p_session, ops.now())
$$;
select is(trade.nav_with_flows('test', '2020-01-06'), 1000000::numeric, 'the mark, which has its own flow');
select pg_temp.book('correction', -7, '2020-01-07');
select is(trade.nav_with_flows('test', '2020-01-06'), 1000000::numeric, 'a correction is a return of the next mark');
select pg_temp.book('withdrawal', -600000, '2020-01-07'), pg_temp.book('deposit', 100000, '2020-01-08');
select is(trade.nav_with_flows('test', '2020-01-06'), 500000::numeric, 'capital paid out and in since');
select is(trade.nav_with_flows('test', '2020-01-07'), null, 'no mark, no NAV');
select is(trade.nav_with_flows('none', '2020-01-06'), null, 'no account, no NAV');
-- 60,000 USD: 6 % of what was marked, 12 % of what is left.
select results_eq($$select p.state, p.refused_by from fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 600}]') as p$$,
    $$values ('REJECTED', 'name_concentration')$$, 'an order within the limit of the mark is not within that of the account');

select * from finish();
rollback;

-- Proves: A6 (NAV, index and marks from the first row on); idempotent; MQ311, MQ318, MQ328.
begin;
select plan(14);

select fixtures.desk();
select results_eq(
    'select kind, amount, session from trade.cash_ledger', $$values ('deposit', 1000000::numeric, date '2020-01-06')$$, 'the deposit'
);
select results_eq(
    'select session, cash, nav, net_flow, period_return, nav_index, lifetime_mark, tactical_mark from trade.nav',
    $$values (date '2020-01-06', 1000000::numeric, 1000000::numeric, 1000000::numeric, null::double precision,
        1::double precision, 1::double precision, 1::double precision)$$, 'the first mark'
);
select is(trade.open_account('test', 'paper', 'paper', 'XTST', 1000000, null, '2020-01-07'), false, 'again: nothing is opened');
select is(count(*), 1::bigint, 'and nothing is deposited') from trade.cash_ledger;
select throws_ok($$select trade.open_account('test', 'paper', 'paper', 'XTST', 2000000)$$, 'MQ311', null, 'other values are refused');
select throws_ok($$select trade.open_account('a', 'paper', 'paper', 'XTST', 1, null, '2020-01-11')$$, 'MQ318', null, 'not a session');
select throws_ok($$select trade.open_account('a', 'paper', 'paper', 'NONE', 1)$$, 'MQ318', null, 'not a calendar');
select throws_ok($$select trade.open_account('a', 'paper', 'paper', 'XTST', 'NaN')$$, 'MQ328', null, 'NaN is no capital');
select throws_ok($$select trade.open_account('a', 'paper', 'paper', 'XTST', 0)$$, 'MQ328', null, 'nor is nothing');
select is(trade.open_account('late', 'paper', 'paper', 'XTST', 5), true, 'without a session ...');
select is(n.session, date '2020-01-06', '... it opens on the last one that is over') from trade.nav as n where n.account = 'late';
select is(count(*), 2::bigint, 'each opening is one audit event') from audit.audit_log where event = 'account.opened';
set local role fund_operator;
select is(trade.open_account('test', 'paper', 'paper', 'XTST', 1000000), false, 'the operator may');
set local role fund_decider;
select throws_ok($$select trade.open_account('b', 'paper', 'paper', 'XTST', 1)$$, '42501', null, 'the decider may not');
reset role;

select * from finish();
rollback;

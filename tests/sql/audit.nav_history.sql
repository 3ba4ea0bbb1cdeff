-- Proves: A6, A7, B7: analysts see every mark with both drawdowns, the re-base, and the loss against the capital of that session.
begin;
select plan(2);
select fixtures.desk();
insert into trade.nav (account, session, cash, long_value, short_value, nav, net_flow, period_return, nav_index, lifetime_mark, tactical_mark, marked_at)
values ('test', '2020-01-07', 800000, 0, 0, 800000, 0, -0.2, 0.8, 1, 1, ops.now()), ('test', '2020-01-08', 1300000, 0, 0, 1300000, 500000, 0, 0.8, 1, 0.8, ops.now());
insert into trade.mark_rebases (account, session, nav_index, cycle_id, run) values ('test', '2020-01-07', 0.8, repeat('1', 32), 1);
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'deposit', 500000, 'fixture', '2020-01-08', ops.now());
set local role fund_analyst;
select results_eq(
    $$select h.session, h.nav, round(h.lifetime_drawdown::numeric, 6), round(h.tactical_drawdown::numeric, 6), h.rebased, h.contributed, round(h.loss::numeric, 6) from audit.nav_history as h order by h.session$$,
    $$values (date '2020-01-06', 1000000::numeric, 0::numeric, 0::numeric, false, 1000000::numeric, 0::numeric),
        ('2020-01-07', 800000, 0.200000, 0.200000, true, 1000000, 0.200000), ('2020-01-08', 1300000, 0.200000, 0, false, 1500000, 0.133333)$$, 'marks, falls, capital'
);
reset role;
select is(h.loss, trade.capital_loss('test'), 'the loss is the one the switch reads') from audit.nav_history as h where h.session = '2020-01-08';
select * from finish();
rollback;

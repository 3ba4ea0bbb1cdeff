-- Proves: A6 (in order, not before the bars can be there).
begin;
select plan(4);

select fixtures.desk();
select is_empty($$select trade.sessions_to_mark('test', 30)$$, 'nothing to mark yet');
select ops.advance_clock('2020-01-08 21:29:59+00');
select results_eq($$select trade.sessions_to_mark('test', 30)$$, $$values (date '2020-01-07')$$, 'the delay is waited for');
select ops.advance_clock('2020-01-08 21:30+00');
select results_eq($$select trade.sessions_to_mark('test', 30)$$, $$values (date '2020-01-07'), ('2020-01-08')$$, 'in order');
select is_empty($$select trade.sessions_to_mark('none', 30)$$, 'an account that is not there has none');

select * from finish();
rollback;

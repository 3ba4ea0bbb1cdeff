-- Proves: I10 (which session an order placed now is for).
begin;
select plan(4);

select fixtures.desk();
select is(trade.current_session('AAA'), date '2020-01-07', 'after the close: the next one');
select ops.advance_clock('2020-01-07 20:59+00');
select is(trade.current_session('AAA'), date '2020-01-07', 'before the close: this one');
select ops.advance_clock('2020-01-07 21:00+00');
select is(trade.current_session('AAA'), date '2020-01-08', 'at the close: the next one');
select ops.advance_clock('2020-01-10 21:00+00');
select is(trade.current_session('AAA'), null, 'none where the calendar ends');

select * from finish();
rollback;

-- Proves: I9 (a mark is never edited: what is booked after it stands on the session whose mark has it first).
begin;
select plan(6);

select fixtures.desk();
select is(trade.booking_session('test'), date '2020-01-07', 'behind a mark it is the session that comes');
select ops.advance_clock('2020-01-07 15:00+00');
select is(trade.booking_session('test'), date '2020-01-07', 'which opens');
select ops.advance_clock('2020-01-07 21:00+00');
select is(trade.booking_session('test'), date '2020-01-07', 'and is over, and not marked yet');
select ops.advance_clock('2020-01-08 14:30+00');
select is(trade.booking_session('test'), date '2020-01-08', 'what is read now is no older session''s, marked or not');
insert into trade.nav select 'test', '2020-01-08', n.cash, n.long_value, n.short_value, n.nav, 0, 0, 1, 1, 1, '[]', ops.now() from trade.nav as n;
select is(trade.booking_session('test'), date '2020-01-09', 'a mark moves it on');
select is(trade.booking_session('none'), null, 'no such account');

select * from finish();
rollback;

-- Proves: I9, F18 (the book at a close, whenever it is asked for).
begin;
select plan(3);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');

select ops.advance_clock('2020-01-08 21:30+00');
select trade.record_fill('test', 'x', fixtures.aaa(), 60, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select trade.record_fill('test', 'y', fixtures.aaa(), 40, 100, 0, 'raw', '2020-01-08', '2020-01-08 14:30+00');
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at) values ('test', 'BBB', 5, 'test', '2020-01-08 12:00+00'), ('test', 'CCC', -5, 'test', '2020-01-08 15:00+00');
select results_eq($$select * from trade.marked_positions('test', '2020-01-07')$$, $$values ('AAA', 60::numeric, 100::numeric, date '2020-01-07'), ('BBB', 5, 50, '2020-01-07')$$, 'later fills and adjustments are later');
select results_eq($$select * from trade.marked_positions('test', '2020-01-08')$$, $$values ('AAA', 100::numeric, 100::numeric, date '2020-01-08'), ('BBB', 5, 50, '2020-01-08'), ('CCC', -5, 200, '2020-01-08')$$, 'the next close has them');
select is(m.price_session, date '2020-01-08', 'a bar that is not known yet is not used') from trade.marked_positions('test', '2020-01-09') as m where m.symbol = 'AAA';

select * from finish();
rollback;

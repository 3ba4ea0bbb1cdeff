-- Proves: I9 (what a broker reports as filled is compared with the executions booked).
begin;
select plan(4);

select fixtures.released();
select is(trade.unbooked_quantity(fixtures.aaa(), '{"filled_quantity": "60"}'), 60::numeric, 'no execution yet');
select trade.record_fill('test', 'x1', fixtures.aaa(), 40, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select is(trade.unbooked_quantity(fixtures.aaa(), '{"filled_quantity": "60"}'), 20::numeric, 'one is missing');
select is(trade.unbooked_quantity(fixtures.aaa(), '{"filled_quantity": "30"}'), 0::numeric, 'a report from before');
select is(trade.unbooked_quantity(fixtures.aaa(), '{}'), 0::numeric, 'one that says nothing of it');

select * from finish();
rollback;

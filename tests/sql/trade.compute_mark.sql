-- Proves: A6, F18; MQ322.
begin;
select plan(4);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');

select ops.advance_clock('2020-01-07 21:30+00');
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select is((trade.compute_mark(n, '2020-01-07')).nav, 1000000::numeric, 'computed') from trade.nav as n;
select is((trade.compute_mark(n, '2020-01-07')).tactical_mark, 2::double precision, 'a mark never falls') from (select (jsonb_populate_record(m, '{"tactical_mark": 2}')).* from trade.nav as m) as n;
select throws_ok($$select trade.compute_mark((select (jsonb_populate_record(m, '{"nav": 0}'))::trade.nav from trade.nav as m), '2020-01-07')$$, 'MQ322', null, 'no return from nothing');
delete from market.price_history where symbol = 'AAA';
select throws_ok($$select trade.compute_mark((select m from trade.nav as m), '2020-01-07')$$, 'MQ322', null, 'no value without any price');

select * from finish();
rollback;

-- Proves: A6, A7, F18; MQ322.
begin;
select plan(6);

select fixtures.released();
select trade.record_ack(fixtures.aaa(), 1, 'b-1');

select ops.advance_clock('2020-01-07 21:30+00');
select trade.record_fill('test', 'x', fixtures.aaa(), 100, 100, 0, 'raw', '2020-01-07', '2020-01-07 14:30+00');
select is((trade.compute_mark(n, '2020-01-07')).nav, 1000000::numeric, 'computed') from trade.nav as n;
select is((trade.compute_mark((jsonb_populate_record(n, '{"nav_index": 0.5}'))::trade.nav, '2020-01-07')).tactical_mark, 1::double precision,
    'a mark never falls') from trade.nav as n;
-- The wall clock stands an hour behind the bound of a run that has begun: it was set back.
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set recorded_before = clock_timestamp() + interval '1 hour';
select is((trade.compute_mark(n, '2020-01-07')).recorded_at, (select r.recorded_before + interval '1 microsecond' from decide.cycle_runs as r),
    'a run that has begun did not see it') from trade.nav as n;
insert into trade.mark_rebases (account, session, nav_index, cycle_id, run) values ('test', '2020-01-06', 1, repeat('1', 32), 1);
alter table trade.nav disable trigger all;
insert into trade.nav (account, session, cash, long_value, short_value, nav, net_flow, nav_index, lifetime_mark, tactical_mark, marked_at)
values ('test', '2020-01-03', 3000000, 0, 0, 3000000, 0, 3, 3, 3, ops.now());
select is((trade.compute_mark(n, '2020-01-07')).tactical_mark, 1::double precision, 'from a re-base on it is the highest since (A7)')
from trade.nav as n where n.session = '2020-01-06';
delete from trade.nav where session = '2020-01-03';
select throws_ok($$select trade.compute_mark((select (jsonb_populate_record(m, '{"nav": 0}'))::trade.nav from trade.nav as m), '2020-01-07')$$, 'MQ322', null, 'no return from nothing');
delete from market.price_history where symbol = 'AAA';
select throws_ok($$select trade.compute_mark((select m from trade.nav as m), '2020-01-07')$$, 'MQ322', null, 'no value without any price');

select * from finish();
rollback;

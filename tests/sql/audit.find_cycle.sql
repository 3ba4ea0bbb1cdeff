-- Proves: a cycle by the beginning of its id, never the wrong one.
begin;
select plan(6);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
create temp table known as select c.cycle_id from decide.cycles as c;
select is((select audit.find_cycle(k.cycle_id) from known as k), (select k.cycle_id from known as k), 'by its id');
select is((select audit.find_cycle(left(k.cycle_id, 6)) from known as k), (select k.cycle_id from known as k), 'by its beginning');
select throws_ok($$ select audit.find_cycle('zz') $$, 'MQ410', null, 'no digits');
select throws_ok($$ select audit.find_cycle(null) $$, 'MQ410', null, 'nothing');
insert into decide.cycles (cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at)
select left(c.cycle_id, 31) || case right(c.cycle_id, 1) when '0' then '1' else '0' end, c.account, 'shadow', c.strategy, c.as_of_session, c.slot, c.config_sha256, c.as_of, c.trade_session, c.created_at
from decide.cycles as c;
select throws_ok((select format('select audit.find_cycle(%L)', left(k.cycle_id, 31)) from known as k), 'MQ411', null, 'two that begin alike');
select * from finish();
rollback;

-- Proves: I9, I21 (facts are added, never changed, whoever tries); MQ308.
begin;
select plan(5);

select fixtures.desk();
select is(count(*), 10::bigint, 'two always-enabled triggers on each of the five tables of facts')
from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid
where p.proname = 'refuse_change' and p.pronamespace = 'trade'::regnamespace and t.tgenabled = 'A';
set local session_replication_role = 'replica';
select throws_ok($$update trade.nav set nav = 1, cash = 1$$, 'MQ308', null, 'a mark is not changed');
select throws_ok($$delete from trade.cash_ledger$$, 'MQ308', null, 'cash is not removed');
select throws_ok($$truncate trade.order_events$$, 'MQ308', null, 'events are not truncated');
set local session_replication_role = 'origin';
set local role fund_owner;
select throws_ok($$delete from trade.nav$$, 'MQ308', null, 'not by the owner');
reset role;

select * from finish();
rollback;

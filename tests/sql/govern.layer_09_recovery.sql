-- Proves: layer 9: NOT_BUILT in paper, refusing in live.
begin;
select plan(2);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_09_recovery(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select is(pg_temp.judged(), 'NOT_BUILT NOT_BUILT', 'paper');
alter table decide.cycles disable trigger append_only;
update decide.cycles set mode = 'live';
select is(pg_temp.judged(), 'REFUSE NOT_BUILT_IN_LIVE', 'live');
select * from finish();
rollback;

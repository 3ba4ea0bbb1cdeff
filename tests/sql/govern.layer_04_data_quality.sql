-- Proves: layer 4, I17, I18: an unusable relation, or no symbol left ACTIVE, refuses.
begin;
select plan(5);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_04_data_quality(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select is(pg_temp.judged(), 'REFUSE NOT_READ', 'nothing was read');
do $$ begin perform govern.copy_inputs(r, c) from decide.cycle_runs as r join decide.cycles as c on c.cycle_id = r.cycle_id; end $$;
select is(pg_temp.judged(), 'PASS QUALITY_SUFFICIENT', 'usable');
alter table decide.cycle_inputs disable trigger append_only;
update decide.cycle_inputs set governance_state = 'DEGRADED';
select is(pg_temp.judged(), 'REFUSE NO_ACTIVE_SYMBOL', 'nothing left');
alter table decide.relation_reads disable trigger append_only;
update decide.relation_reads set reason = 'EMPTY', rows_sha256 = null where relation = 'features.features';
select is(pg_temp.judged(), 'REFUSE FEATURES_EMPTY', 'features');
update decide.relation_reads set reason = 'NOT_PLAIN', rows_sha256 = null where relation = 'quality.data_quality';
select is(pg_temp.judged(), 'REFUSE QUALITY_NOT_PLAIN', 'scores');
select * from finish();
rollback;

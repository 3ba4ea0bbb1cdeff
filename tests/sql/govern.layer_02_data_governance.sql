-- Proves: layer 2, I8, I17, I18: unusable classification or no ACTIVE symbol refuses with exit 13, unreconciled books with 14.
begin;
select plan(6);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_02_data_governance(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select is(pg_temp.judged(), 'REFUSE NO_ACTIVE_SYMBOL', 'nothing was copied');
do $$ begin perform govern.copy_inputs(r, c) from decide.cycle_runs as r join decide.cycles as c on c.cycle_id = r.cycle_id; end $$;
select is(pg_temp.judged(), 'PASS CLASSIFIED', 'classified');
savepoint books;
select trade.report_break('paper', 'CASH', null, null, '{}');
select is(pg_temp.judged(), 'REFUSE BOOKS_HALTED', 'books that differ from the broker''s');
select is((v.verdict).exit_code, 14, 'with their own exit code')
from (select govern.layer_02_data_governance(o.cycle_id, o.run) as verdict from opened as o) as v;
rollback to books;
alter table decide.cycle_inputs disable trigger append_only;
update decide.cycle_inputs set classified_state = 'DEGRADED' where classified_state = 'ACTIVE';
select is(pg_temp.judged(), 'REFUSE NO_ACTIVE_SYMBOL', 'none ACTIVE');
alter table decide.relation_reads disable trigger append_only;
update decide.relation_reads set reason = 'DUPLICATE', rows_sha256 = null where relation = 'quality.symbol_governance';
select is(pg_temp.judged(), 'REFUSE GOVERNANCE_DUPLICATE', 'the relation was refused');
select * from finish();
rollback;

-- Proves: I18: what was found in each relation is a row with the hash of what was read.
begin;
select plan(4);
select fixtures.fund();
set local role fund_transformer;
delete from quality.data_quality;
reset role;
select fixtures.open();
select is(
    (select govern.read_relations(r, '2013-02-27', '{AAA}') -> 'quality.data_quality' from decide.cycle_runs as r), '[]'::jsonb, 'a refused relation gives no rows'
);
select results_eq(
    'select r.relation, r.row_count, r.reason from decide.relation_reads as r order by r.relation collate "C"',
    $$values ('features.company_features'::text, 1, null::text), ('features.features', 1, null), ('quality.data_quality', 0, 'EMPTY'), ('quality.symbol_governance', 4, null)$$, 'a row each'
);
select is((select count(*)::integer from decide.relation_reads as r where r.rows_sha256 is not null), 3, 'hash of what was used');
select is((select r.detail from decide.relation_reads as r where r.reason = 'EMPTY'), 'relation=quality.data_quality session=2013-02-27', 'and what was not');
select * from finish();
rollback;

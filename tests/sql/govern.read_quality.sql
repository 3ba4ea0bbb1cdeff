-- Proves: I18: rows as they stand, or the fault; a view in the place of a table never runs its function.
begin;
select plan(7);
select results_eq('select r.relation, r.fault, r.found_rows from govern.read_quality() as r order by 1 desc',
    $$values ('quality.symbol_governance'::text, 'MISSING'::text, '[]'::jsonb), ('quality.data_quality', 'MISSING', '[]')$$, 'missing');
select fixtures.transformed();
select govern.hold_relation('quality', r) from unnest(array['symbol_governance', 'data_quality']) as r;
select is((select jsonb_path_query_array(r.found_rows, '$[*].symbol') from govern.read_quality() as r where r.relation = 'quality.symbol_governance'), '["AAA", "BBB", "CCC", "DDD"]'::jsonb, 'in symbol order');
set local extra_float_digits = -15;
set local role fund_transformer;
update quality.data_quality set score = 1.0 / 3 where symbol = 'AAA';
update quality.data_quality set score = 'NaN' where symbol = 'BBB';
reset role;
select is((select r.found_rows #>> '{0,score}' from govern.read_quality() as r where r.relation = 'quality.data_quality'), '0.3333333333333333', 'every digit, whatever the session says');
select is((select jsonb_typeof(r.found_rows #> '{1,score}') from govern.read_quality() as r where r.relation = 'quality.data_quality'), 'string', 'NaN is no JSON number');
select ops.engage_kill_switch('x');
set local role fund_transformer;
drop table quality.symbol_governance;
create function quality.evil() returns text language plpgsql as $$ begin delete from ops.kill_sources; return 'ACTIVE'; end $$;
create view quality.symbol_governance as select 'AAA'::text as symbol, date '2013-02-27' as as_of_session, quality.evil() as state;
reset role;
select is((select r.fault from govern.read_quality() as r where r.relation = 'quality.symbol_governance'), 'NOT_PLAIN', 'a view is not read');
select is(ops.kill_engaged(false), true, 'and its function did not run');
create or replace function govern.relation_fault(p_schema text, p_relation text) returns text language sql as 'select null::text';
select throws_ok('select govern.read_quality()', '42501', null, 'read all the same, it would run as a role that may write nothing');
select * from finish();
rollback;

-- Proves: I18: the rows of the session and symbols, finite numbers only; NULL is left out.
begin;
select plan(13);
create function pg_temp.price(p_session date, p_symbols text[]) returns table (fault text, found_rows jsonb) language sql as $$
    select r.fault, r.found_rows from govern.read_features(p_session, p_symbols) as r where r.relation = 'features.features'
$$;
create function pg_temp.company(p_session date, p_symbols text[]) returns table (fault text, found_rows jsonb) language sql as $$
    select r.fault, r.found_rows from govern.read_features(p_session, p_symbols) as r where r.relation = 'features.company_features'
$$;
select is((select r.fault from pg_temp.price('2013-02-27', '{AAA}') as r), 'MISSING', 'missing');
select fixtures.transformed();
select govern.hold_relation('features', 'features'), govern.hold_relation('features', 'company_features');
select is((select jsonb_path_query_array(r.found_rows, '$[*].symbol') from pg_temp.price('2013-02-27', '{AAA,BBB,ZZZ}') as r), '["AAA", "BBB"]'::jsonb, 'session and symbols');
select is((select r.found_rows #> '{0,numbers}' from pg_temp.price('2013-02-27', '{AAA}') as r), '{"rsi_14": 55.5, "close_adj": 100, "momentum_21": 0.1}'::jsonb, 'double precision columns only');
select is((select r.found_rows #> '{0,numbers}' from pg_temp.price('2013-02-27', '{BBB}') as r), '{"rsi_14": 0.3333333333333333, "close_adj": 100}'::jsonb, 'NULL is left out');
select is((select r.found_rows from pg_temp.price('2013-02-28', '{AAA}') as r), '[]'::jsonb, 'another session');
set local role fund_transformer;
alter table features.features add column f double precision default 1;
reset role;
select is((select r.found_rows #> '{0,numbers,f}' from pg_temp.price('2013-02-27', '{AAA}') as r), '1'::jsonb, 'a column may be called f');
set local role fund_transformer;
alter table features.features drop column known_at;
reset role;
select is((select r.fault from pg_temp.price('2013-02-27', '{AAA}') as r), 'WRONG_COLUMNS', 'a missing column');
select is((select jsonb_path_query_array(r.found_rows, '$[*].symbol') from pg_temp.company('2013-02-27', '{AAA,BBB,ZZZ}') as r), '["AAA", "BBB"]'::jsonb, 'companies: session and symbols');
select is((select r.found_rows -> 0 from pg_temp.company('2013-02-27', '{AAA}') as r), '{"symbol": "AAA", "session": "2013-02-27", "known_at": 1359687600.000000, "numbers": {"earnings_yield": 0.05}}'::jsonb, 'companies: what is known, and since when');
select is((select r.found_rows -> 0 from pg_temp.company('2013-02-27', '{BBB}') as r), '{"symbol": "BBB", "session": "2013-02-27", "known_at": null, "numbers": {}}'::jsonb, 'companies: nothing filed is a row that says so');
select is((select r.found_rows from pg_temp.company('2013-02-28', '{AAA}') as r), '[]'::jsonb, 'companies: another session');
set local role fund_transformer;
alter table features.company_features rename column as_of_session to as_of;
reset role;
select is((select r.fault from pg_temp.company('2013-02-27', '{AAA}') as r), 'WRONG_COLUMNS', 'companies: a missing column');
set local role fund_transformer;
drop table features.features;
create function features.evil() returns double precision language plpgsql as $$ begin delete from ops.kill_sources; return 1; end $$;
create view features.features as select 'AAA'::text as symbol, date '2013-02-27' as session, now() as known_at, features.evil() as f;
reset role;
create or replace function govern.relation_fault(p_schema text, p_relation text) returns text language sql as 'select null::text';
select throws_ok($$select govern.read_features('2013-02-27', '{AAA}')$$, '42501', null, 'a view that was read would run as a role that may write nothing');
select * from finish();
rollback;

-- Proves: I18: the rows of the session and symbols, finite numbers only; NULL is left out.
begin;
select plan(7);
select is((select r.fault from govern.read_features('2013-02-27', '{AAA}') as r), 'MISSING', 'missing');
select fixtures.transformed();
select is((select jsonb_path_query_array(r.found_rows, '$[*].symbol') from govern.read_features('2013-02-27', '{AAA,BBB,ZZZ}') as r), '["AAA", "BBB"]'::jsonb, 'session and symbols');
select is((select r.found_rows #> '{0,numbers}' from govern.read_features('2013-02-27', '{AAA}') as r), '{"rsi_14": 55.5, "close_adj": 100, "momentum_21": 0.1}'::jsonb, 'double precision columns only');
select is((select r.found_rows #> '{0,numbers}' from govern.read_features('2013-02-27', '{BBB}') as r), '{"rsi_14": 0.3333333333333333, "close_adj": 100}'::jsonb, 'NULL is left out');
select is((select r.found_rows from govern.read_features('2013-02-28', '{AAA}') as r), '[]'::jsonb, 'another session');
set local role fund_transformer;
alter table features.features add column f double precision default 1;
reset role;
select is((select r.found_rows #> '{0,numbers,f}' from govern.read_features('2013-02-27', '{AAA}') as r), '1'::jsonb, 'a column may be called f');
set local role fund_transformer;
alter table features.features drop column known_at;
reset role;
select is((select r.fault from govern.read_features('2013-02-27', '{AAA}') as r), 'WRONG_COLUMNS', 'a missing column');
select * from finish();
rollback;

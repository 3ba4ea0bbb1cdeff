-- Proves: a view at an as-of takes the newest statement known by then and recorded by then; a filing a moment past it does not exist.
begin;
select plan(12);
select fixtures.feed();
select fixtures.tell('fundamentals', jsonb_build_array(
    fixtures.statement(), fixtures.statement('{"accession": "a-2", "filed_at": "2020-01-06T22:00:00Z", "revenue": 90}'),
    fixtures.statement('{"period_end": "2019-12-31", "accession": "a-2", "filed_at": "2020-01-06T22:00:00Z", "revenue": 120}')
));
create function pg_temp.known(p_known text, p_recorded text default 'infinity', p_symbols text[] default null)
returns table (period_end date, revenue double precision) language sql as $$
    select f.period_end, f.revenue from market.fundamentals_as_of(p_known::timestamptz, p_recorded::timestamptz, p_symbols) as f order by 1, 2
$$;
select is_empty($$select * from pg_temp.known('2019-02-01 21:59:59Z')$$, 'before the first filing nothing');
select results_eq($$select * from pg_temp.known('2019-02-01 22:00Z')$$, $$values ('2018-12-31'::date, 100::float8)$$, 'from its instant on');
select results_eq($$select * from pg_temp.known('2020-01-06 21:59:59Z')$$, $$values ('2018-12-31'::date, 100::float8)$$, 'a moment before the restatement');
select results_eq($$select * from pg_temp.known('2020-01-06 22:00Z')$$, $$values ('2018-12-31'::date, 90::float8), ('2019-12-31', 120)$$, 'with it');
select is_empty($$select * from pg_temp.known('infinity', '2020-01-01Z')$$, 'what was not recorded by then was not seen');
select is_empty($$select * from pg_temp.known('infinity', 'infinity', '{AAA}')$$, 'symbols asked for');
select is_empty($$select * from pg_temp.known(null)$$, 'no bound shows nothing');
-- Two filings of one instant, in both orders of arrival.
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"period_end": "2017-12-31", "accession": "b-2", "revenue": 2}')));
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"period_end": "2017-12-31", "accession": "b-1", "revenue": 1}')));
select results_eq(
    $$select revenue from pg_temp.known('2019-03-01Z') where period_end = '2017-12-31'$$, 'values (2::float8)', 'their numbers decide, not arrival'
);
select fixtures.tell('fundamentals', jsonb_build_array(
    fixtures.statement('{"accession": "a-0", "filed_at": "2020-01-07T22:00:00Z", "revenue": null, "net_income": 11, "eps_diluted": 2}')
));
select results_eq(
    $$select revenue, net_income, eps_diluted, accession from market.fundamentals_as_of('2020-01-07 22:00Z', 'infinity') where period_end = '2018-12-31'$$,
    $$values (90::float8, 11::float8, 2::float8, 'a-0')$$, 'the last filed is the newest whatever its number; it leaves standing what it does not mention'
);
-- A filing that arrives last though it was filed first, with the highest number.
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"period_end": "2016-12-31", "accession": "c-1", "filed_at": "2018-03-01T22:00:00Z", "revenue": 3}')));
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"period_end": "2016-12-31", "accession": "c-9", "filed_at": "2017-03-01T22:00:00Z", "revenue": 2}')));
select results_eq($$select revenue from pg_temp.known('2018-03-01 22:00Z') where period_end = '2016-12-31'$$, 'values (3::float8)', 'by instant, not by arrival');
select results_eq($$select revenue from pg_temp.known('2018-03-01 21:59Z') where period_end = '2016-12-31'$$, 'values (2::float8)', 'and the late one before it');
set local role fund_analyst;
select is((select count(*) from market.fundamentals_as_of('2020-02-01Z', 'infinity', '{TST}')), 4::bigint, 'an analyst may ask');
reset role;
select * from finish();
rollback;

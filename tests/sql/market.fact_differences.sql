-- Proves: what is stored of filings and headlines is compared with the rows in their answers.
begin;
select plan(6);
select fixtures.feed();
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement()));
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"revenue": 101}')));
select fixtures.tell('news', jsonb_build_array(fixtures.story(), fixtures.story('{"story": "s-2", "headline": ""}')));
create temporary table asked as
select f.fetch_id, row_number() over (order by f.fetch_id) as nth from market.fetches as f;

create function pg_temp.differences(p_nth integer, variadic p_rows jsonb[]) returns text language sql as $$
    select string_agg(d.difference || ' ' || d.subject, ', ' order by d.subject)
    from asked as a cross join market.fact_differences(a.fetch_id, to_jsonb(p_rows)) as d where a.nth = p_nth
$$;
select is(pg_temp.differences(1, fixtures.statement()), null, 'a statement is there as it was stated');
select is(pg_temp.differences(2, fixtures.statement('{"revenue": 101}')), null, 'and its correction');
select is(pg_temp.differences(1, fixtures.statement('{"revenue": 102}')), 'fundamentals row 1', 'another number is named');
select is(pg_temp.differences(3, fixtures.story(), fixtures.story('{"story": "s-2", "headline": ""}')), null, 'so with headlines');
select is(
    pg_temp.differences(3, fixtures.story('{"headline": "Test misses"}'), fixtures.story('{"story": "s-2", "headline": ""}')), 'news row 1',
    'another headline is named'
);
select is(pg_temp.differences(3, fixtures.story()), '1 received, 0 set aside rows', 'and a count that is not the batch''s');

select * from finish();
rollback;

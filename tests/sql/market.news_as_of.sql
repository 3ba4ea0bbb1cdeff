-- Proves: a view at an as-of takes of each story the newest words known and recorded by then.
begin;
select plan(6);
select fixtures.feed();
select fixtures.tell('news', jsonb_build_array(fixtures.story()));
select fixtures.tell('news', jsonb_build_array(fixtures.story('{"headline": "Test misses"}')));
select is_empty($$select * from market.news_as_of('2020-01-03 12:59:59Z', 'infinity')$$, 'before it was public nothing');
select results_eq($$select headline from market.news_as_of('2020-01-03 13:00Z', 'infinity')$$, $$values ('Test beats')$$, 'from its instant on');
select results_eq($$select headline from market.news_as_of('2020-01-08 12:00Z', 'infinity', '{TST}')$$, $$values ('Test misses')$$, 'its correction when it was received');
select is_empty($$select * from market.news_as_of('infinity', '2020-01-08Z')$$, 'what was not recorded by then was not seen');
select is_empty($$select * from market.news_as_of(null, 'infinity')$$, 'no bound shows nothing');
set local role fund_analyst;
select is((select count(*) from market.news_as_of('2020-02-01Z', 'infinity', '{AAA}')), 0::bigint, 'an analyst may ask, for symbols');
reset role;
select * from finish();
rollback;

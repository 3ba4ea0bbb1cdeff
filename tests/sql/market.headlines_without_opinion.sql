-- Proves: the same words are asked for once, and no more once this version has judged them.
begin;
select plan(4);
select fixtures.feed();
select fixtures.tell('news', jsonb_build_array(fixtures.story(), fixtures.story('{"story": "s-2"}'), fixtures.story('{"story": "s-3", "headline": "Test misses"}')));
set local role fund_ingestor;
select results_eq($$select * from market.headlines_without_opinion('v', '1', 10)$$,
    $$select encode(sha256(convert_to(h, 'UTF8')), 'hex'), h from unnest('{Test beats,Test misses}'::text[]) as h order by 1$$, 'each once');
select is((select count(*) from market.headlines_without_opinion('v', '1', 1)), 1::bigint, 'no more than asked for');
select market.record_opinions(jsonb_build_array(jsonb_build_object(
    'headline_sha256', encode(sha256('Test beats'), 'hex'), 'scorer', 'v', 'scorer_version', '1', 'score', 0
)));
select results_eq($$select headline from market.headlines_without_opinion('v', '1', 10)$$, $$values ('Test misses')$$, 'judged');
select is((select count(*) from market.headlines_without_opinion('v', '2', 10)), 2::bigint, 'another version has judged none');
reset role;
select * from finish();
rollback;

-- Proves: a story is its source's number or the digest of instant and headline; conflicting rows are set aside, equal ones count once.
begin;
select plan(5);
select fixtures.feed();
create function pg_temp.judged(p_rows jsonb) returns setof record language plpgsql as $$
declare v_batch bigint := fixtures.batch();
begin
    return query select j.row_number, j.story, j.headline, j.symbols, j.reason, j.is_duplicate, j.accepted, j.revision
    from market.ingest_batches as b cross join market.judge_news(b, p_rows, '2020-01-08 12:00Z') as j where b.batch_id = v_batch order by 1;
end;
$$;
select results_eq(
    $$select row_number, reason, is_duplicate, accepted, revision from pg_temp.judged(jsonb_build_array(fixtures.story(), fixtures.story('{"headline": "Test misses"}'),
        fixtures.story('{"story": "s-2"}'), fixtures.story('{"story": "s-2", "headline": " Test beats\t"}'), fixtures.story('{"headline": ""}')))
        as j (row_number integer, story text, headline text, symbols text[], reason text, is_duplicate boolean, accepted boolean, revision integer)$$,
    $$values (1, 'DUPLICATE_CONFLICT', false, false, null::integer), (2, 'DUPLICATE_CONFLICT', true, false, null), (3, null, false, true, 0),
        (4, null, true, false, null), (5, 'EMPTY_HEADLINE', false, false, null)$$, 'conflicting, equal but for white space, faulty'
);
select results_eq(
    $$select story, headline, symbols from pg_temp.judged(jsonb_build_array(fixtures.story('{"story": null, "headline": " Test beats ", "symbols": null}'),
        fixtures.story('{"symbols": ["TST", "AAA", "TST"]}')))
        as j (row_number integer, story text, headline text, symbols text[], reason text, is_duplicate boolean, accepted boolean, revision integer)$$,
    $$values (encode(sha256('2020-01-03T13:00:00.000000Z Test beats'), 'hex'), 'Test beats', '{TST}'::text[]), ('s-1', 'Test beats', '{AAA,TST}')$$,
    'what it is known by, its words trimmed, its symbols sorted'
);
select fixtures.tell('news', jsonb_build_array(fixtures.story()));
select results_eq(
    $$select revision from pg_temp.judged(jsonb_build_array(fixtures.story('{"headline": "Test misses"}'), fixtures.story('{"story": "s-2"}')))
        as j (row_number integer, story text, headline text, symbols text[], reason text, is_duplicate boolean, accepted boolean, revision integer)$$,
    'values (1), (0)', 'a corrected story, and a new one'
);
select results_eq(
    $$select revision from pg_temp.judged(jsonb_build_array(fixtures.story()))
        as j (row_number integer, story text, headline text, symbols text[], reason text, is_duplicate boolean, accepted boolean, revision integer)$$,
    'values (null::integer)', 'an unchanged one'
);
select is_empty(
    $$select * from pg_temp.judged('[]')
        as j (row_number integer, story text, headline text, symbols text[], reason text, is_duplicate boolean, accepted boolean, revision integer)$$,
    'nothing is nothing'
);
select * from finish();
rollback;

-- Proves: an opinion is stored once, by version, on words that were received; one that contradicts it or is none is refused.
begin;
select plan(14);
select fixtures.feed();
select fixtures.tell('news', jsonb_build_array(fixtures.story()));
create function pg_temp.opinion(p_changes jsonb default '{}') returns jsonb language sql as $$
    select jsonb_build_array(jsonb_build_object(
        'headline_sha256', encode(sha256('Test beats'), 'hex'), 'scorer', 'v', 'scorer_version', '1', 'score', 0.25
    ) || p_changes)
$$;
set local role fund_ingestor;
select is(market.record_opinions('[]'), 0, 'none');
reset role;
select is(market.record_opinions(pg_temp.opinion()), 1, 'new');
select is(market.record_opinions(pg_temp.opinion() || pg_temp.opinion()), 0, 'the same again adds nothing');
select is(market.record_opinions(pg_temp.opinion('{"scorer_version": "2", "score": -1}')), 1, 'another version is another opinion');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"score": 0.5}'))$$, 'MQ511', null, 'the same version said otherwise');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"scorer": "w"}') || pg_temp.opinion('{"scorer": "w", "score": 0.5}'))$$, 'MQ511', null, 'within one call too');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"score": 1.01}'))$$, 'MQ510', null, 'a score is within [-1, 1]');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"score": "NaN"}'))$$, 'MQ510', null, 'a score is a number');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"score": null}'))$$, 'MQ510', null, 'a score is there');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"scorer_version": ""}'))$$, 'MQ510', null, 'a version is named');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"headline_sha256": "zz"}'))$$, 'MQ510', null, 'a digest is one');
select throws_ok($$select market.record_opinions(pg_temp.opinion(jsonb_build_object('headline_sha256', repeat('0', 64))))$$, 'MQ510', null, 'of words that were received');
select throws_ok($$select market.record_opinions(pg_temp.opinion('{"tone": 1}'))$$, 'MQ204', null, 'a key no opinion has');
select results_eq('select scorer_version, score from market.headline_opinions order by 1', $$values ('1', 0.25::float8), ('2', -1)$$, 'what stands');
select * from finish();
rollback;

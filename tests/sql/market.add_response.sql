-- Proves: an asking's answers are its source's, in order, and none comes after its end.
begin;
select plan(6);
select fixtures.feed();

create temporary table opened as select market.open_fetch('raw_a', 'TST', 'ingest', null, null, null) as fetch_id;
create function pg_temp.add(p_provider text, p_status text) returns void language sql as $$
    select market.add_response(o.fetch_id, r.payload_id, p_status, 'text/csv', '{"q": 1}')
    from opened as o join market.provider_responses as r on r.provider = p_provider
$$;
select pg_temp.add('raw_a', '429');
select pg_temp.add('raw_a', '200');
select results_eq(
    'select a.part, a.status, a.request from market.fetch_responses as a order by a.part',
    $$values (1, '429', '{"q": 1}'::jsonb), (2, '200', '{"q": 1}'::jsonb)$$, 'each answer is a row, the same bytes twice as well'
);
select throws_ok($$select pg_temp.add('raw_b', '200')$$, 'MQ521', null, 'another source''s answer is refused');
select throws_ok($$select market.add_response(0, 1, '200', 'x', '{}')$$, 'MQ521', null, 'so is one to an unknown asking');
update market.provider_responses set payload = null, pruned_at = clock_timestamp() where provider = 'adj_c';
select throws_ok(
    $$select market.add_response(market.open_fetch('adj_c', 'TST', 'ingest', null, null, null), r.payload_id, '200', 'text/csv', '{}')
    from market.provider_responses as r where r.provider = 'adj_c'$$, 'MQ521', null, 'and bytes that retention removed'
);
select throws_ok($$delete from market.fetch_responses$$, 'MQ211', null, 'an answer is never taken back');
select market.close_fetch(o.fetch_id, null, null, null) from opened as o;
select throws_ok($$select pg_temp.add('raw_a', '200')$$, 'MQ521', null, 'nothing comes after the end');

select * from finish();
rollback;

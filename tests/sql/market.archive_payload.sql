-- Proves: every stored bar leads back to its bytes (I24), which are stored once.
begin;
select plan(8);
select fixtures.feed();

create temporary table first_answer as
select * from market.archive_payload('raw_a', '{"symbol": "TST"}', '200', 'text/csv', 'gz', sha256('one'), 3);
select is((select is_new from first_answer), true, 'an answer not seen before is stored');
select results_eq(
    $$select payload_id, is_new from market.archive_payload('raw_a', '{}', '200', 'text/csv', 'gz', sha256('one'), 3)$$,
    'select payload_id, false from first_answer', 'the same bytes of the same source are recognised'
);
select is(
    (select is_new from market.archive_payload('raw_b', '{}', '200', 'text/csv', 'gz', sha256('one'), 3)), true,
    'the same bytes of another source are another answer'
);
select results_eq(
    $$select request ->> 'symbol', payload, payload_bytes from market.provider_responses as r join first_answer using (payload_id)$$,
    $$values ('TST', 'gz'::bytea, 3::bigint)$$, 'what was asked and what came is kept'
);
select throws_ok(
    $$select * from market.archive_payload('nobody', '{}', '200', 'text/csv', 'gz', sha256('one'), 3)$$, 'MQ107', null,
    'an unknown source is refused'
);
select throws_ok(
    $$select * from market.archive_payload('raw_a', '{}', '200', 'text/csv', 'gz', 'short', 3)$$, 'MQ107', null,
    'a hash that is none is refused'
);

select market.prune_payloads('infinity');
create temporary table again as
select * from market.archive_payload('raw_a', '{}', '200', 'text/csv', 'gz', sha256('one'), 3);
select is((select is_new from again), true, 'bytes that retention removed are stored anew when they come again');
select results_eq(
    'select r.payload from market.provider_responses as r join again using (payload_id)', $$values ('gz'::bytea)$$, 'and are there'
);

select * from finish();
rollback;

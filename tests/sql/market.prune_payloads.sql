-- Proves: retention takes the bytes of what nothing stored leads back to, and nothing else (I24).
begin;
select plan(10);
select fixtures.feed();

-- An answer of raw_a with its own bytes, asked for TST; its asking.
create function pg_temp.answer(p_word text) returns bigint language plpgsql as $$
declare
    v_fetch bigint := market.open_fetch('raw_a', 'TST', 'ingest', null, null, null);
begin
    perform market.add_response(v_fetch, a.payload_id, '200', 'text/csv', '{}')
    from market.archive_payload('raw_a', '{}', '200', 'text/csv', p_word::bytea, sha256(p_word::bytea), 3) as a;
    return v_fetch;
end;
$$;
-- Takes bars of such an answer in.
create function pg_temp.take(p_word text, p_close double precision, p_splits date[] default '{}') returns void language plpgsql as $$
declare
    v_fetch bigint := pg_temp.answer(p_word);
    v_batch bigint := market.open_batch(v_fetch);
begin
    insert into market.bar_landing (batch_id, row_number, session, open, high, low, close)
    values (v_batch, 1, '2020-01-02', p_close, p_close, p_close, p_close);
    perform market.ingest_actions(v_batch, '2020-01-02', '2020-01-07', s.days, s.kinds, s.twos, s.twos)
    from (
        select p_splits as days, array_fill('split'::text, array[cardinality(p_splits)]) as kinds,
            array_fill(2.0::float8, array[cardinality(p_splits)]) as twos
    ) as s;
    perform market.ingest_bars(v_batch);
    perform market.close_fetch(v_fetch, null, null, null);
end;
$$;
create function pg_temp.bytes(p_word text) returns boolean language sql as $$
    select r.payload is not null from market.provider_responses as r where r.payload_sha256 = sha256(p_word::bytea)
$$;
select pg_temp.take('bar', 10);
select pg_temp.take('same', 10);
select pg_temp.take('act', 10, '{2020-01-03}');
select pg_temp.take('bad', -1, '{2020-01-03}');
select market.close_fetch(pg_temp.answer('html'), 'UNREADABLE', 'HTML', null);
select market.close_fetch(pg_temp.answer('lost'), null, null, null);
select market.close_fetch(pg_temp.answer('bar'), 'EMPTY', 'the same bytes, asked for another window', null);

select is((select p.payloads from market.prune_payloads('2000-01-01Z') as p), 0::bigint, 'what is newer stays');
-- same, html, and the feed's own three answers that nobody asked for.
select results_eq('select * from market.prune_payloads(''infinity'')', 'values (5::bigint, 9::bigint)', 'returned are answers and bytes');
select ok(pg_temp.bytes('bar'), 'a stored bar leads back to its bytes, whatever else they were received for');
select ok(pg_temp.bytes('act'), 'so does an action, where no bar is new');
select ok(pg_temp.bytes('bad'), 'so does a row set aside');
select ok(pg_temp.bytes('lost'), 'and what was taken in and is not stored can be built again');
select ok(not pg_temp.bytes('same'), 'an answer that changed nothing is gone');
select ok(not pg_temp.bytes('html'), 'so is one that failed');
select is(
    (select count(*) from market.provider_responses as r where r.payload is null and r.payload_bytes > 0 and r.pruned_at is not null), 5::bigint,
    'its hash, its length and its askings stay'
);
set local role fund_ingestor;
select throws_ok('select * from market.prune_payloads(''infinity'')', '42501', null, 'no process may do it');
reset role;

select * from finish();
rollback;

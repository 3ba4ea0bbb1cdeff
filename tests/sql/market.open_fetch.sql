-- Proves: an asking is of a registered source for a known instrument, dated by ops.now() and numbered behind the market's lock.
begin;
select plan(6);
select fixtures.feed();

create temporary table opened as
select market.open_fetch('raw_a', 'TST', 'backfill', '2020-01-02', '2020-01-07', '2020-01-08 11:59Z') as fetch_id;
select results_eq(
    'select f.provider, f.symbol, f.purpose, f.first_session, f.last_session, f.outcome from market.fetches as f',
    $$values ('raw_a', 'TST', 'backfill', date '2020-01-02', date '2020-01-07', null)$$, 'what was asked is kept, and no outcome yet'
);
select results_eq(
    'select f.asked_at, f.received_at, f.recorded_at >= transaction_timestamp() from market.fetches as f',
    $$values (timestamptz '2020-01-08 11:59Z', timestamptz '2020-01-08 12:00Z', true)$$, 'with both instants of the desk and the wall''s'
);
select ok(
    (select market.open_fetch('raw_a', null, 'ingest', null, null, null)) > (select fetch_id from opened), 'a source passed over has no instrument'
);
select throws_ok($$select market.open_fetch('nobody', 'TST', 'ingest', null, null, null)$$, 'MQ107', null, 'an unknown source is refused');
select throws_ok($$select market.open_fetch('raw_a', 'NONE', 'ingest', null, null, null)$$, 'MQ108', null, 'so is an unknown instrument');
select is(
    (select l.xmax::text::bigint from ops.locks as l where l.lock_name = 'market'), pg_current_xact_id()::text::bigint % 4294967296,
    'the market''s lock is held until the end'
);

select * from finish();
rollback;

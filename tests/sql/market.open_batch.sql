-- Proves: a row in the landing table belongs to a source, an instrument and a payload.
begin;
select plan(9);

set local timezone = 'UTC';
insert into ops.simulated_clocks (instant) values ('2020-01-08 12:00') on conflict (singleton) do update set instant = excluded.instant;
do $$ begin
    perform ref.load_sessions(
        'XNYS', 'New York Stock Exchange', 'America/New_York', array_agg(d::date order by d),
        array_agg(d + interval '14:30' order by d), array_agg(d + interval '21:00' order by d), array_agg(false order by d)
    )
    from unnest('{2020-01-02,2020-01-03,2020-01-06,2020-01-07,2020-01-08,2020-01-09}'::timestamptz[]) as d;
    perform ref.load_providers('[
        {"provider": "raw_a", "priority": 1, "price_basis": "raw", "price_kind": "ohlcv", "delay_minutes": 30, "description": "a"},
        {"provider": "raw_b", "priority": 2, "price_basis": "raw", "price_kind": "ohlcv", "delay_minutes": 45, "description": "b"},
        {"provider": "adj_c", "priority": 3, "price_basis": "fully_adjusted", "price_kind": "close", "delay_minutes": 30,
         "description": "c"}]');
    perform ref.load_universe('[
        {"symbol": "TST", "name": "Test", "asset_class": "equity", "calendar": "XNYS", "currency": "USD", "price_kind": "ohlcv",
         "price_basis": "raw", "tradable": true, "shortable": true, "is_benchmark": false}]',
        '[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02"}]');
    perform market.archive_payload(p, '{}', '200', 'text/csv', 'x', sha256(p::bytea), 1) from unnest('{raw_a,raw_b,adj_c}'::text[]) as p;
end $$;
create function pg_temp.take(p_provider text, p_rows jsonb) returns market.ingest_batches language plpgsql as $$
declare
    v_batch bigint := market.open_batch(
        p_provider, 'TST', (select r.payload_id from market.provider_responses as r where r.provider = p_provider)
    );
begin
    insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, adj_close, volume)
    select v_batch, g.n, (g.r ->> 0)::date, (g.r ->> 1)::float8, (g.r ->> 2)::float8, (g.r ->> 3)::float8, (g.r ->> 4)::float8,
        (g.r ->> 6)::float8, (g.r ->> 5)::float8
    from jsonb_array_elements(p_rows) with ordinality as g (r, n);
    return market.ingest_bars(v_batch);
end $$;

select lives_ok($$select market.open_batch('raw_a', 'TST', (select min(payload_id) from market.provider_responses))$$, 'a batch opens');
select is((select state from market.ingest_batches), 'OPEN', 'and is OPEN until its rows are taken in');
select throws_ok(
    $$select market.open_batch('raw_a', 'NONE', (select min(payload_id) from market.provider_responses))$$, 'MQ108', null,
    'an unknown instrument is refused'
);
select throws_ok($$select market.open_batch('raw_a', 'TST', 0)$$, 'MQ108', null, 'so is a payload that was not archived');
select throws_ok(
    $$select market.open_batch('raw_b', 'TST', (select payload_id from market.provider_responses where provider = 'raw_a'))$$,
    'MQ108', null, 'and one of another source'
);
set local role fund_ingestor;
select lives_ok($$insert into market.bar_landing (batch_id, row_number) values (1, 1)$$, 'fund_ingestor lands rows');
select throws_ok('select * from market.bar_landing', '42501', null, 'and cannot read them');
select throws_ok('delete from market.bar_landing', '42501', null, 'or remove them');
select throws_ok(
    $$insert into market.price_history (symbol, session) values ('TST', '2020-01-02')$$, '42501', null, 'or write a bar past the routine'
);
reset role;

select * from finish();
rollback;

-- Proves: the gate counts distinct valid sessions itself, within the panel's bounds (F5, F6).
begin;
select plan(4);

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

do $$ begin
    perform pg_temp.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5], ["2020-01-03", 11, 12, 10, 11, 5], ["2020-01-03", 11, 12, 10, 11, 5],
        ["2020-01-06", 11, 12, 10, -1, 5], ["2020-01-09", 11, 12, 10, 11, 5]]');
    perform pg_temp.take('raw_a', '[["2020-01-03", 11, 12, 10, 11.5, 5]]');
    perform pg_temp.take('adj_c', '[["2020-01-06", null, null, null, 7, null]]');
    perform ref.load_instruments('[{"symbol": "NONE", "name": "n", "asset_class": "equity", "calendar": "XNYS", "currency": "USD",
        "price_kind": "close", "price_basis": "raw", "tradable": true, "shortable": true, "is_benchmark": false}]');
end $$;
select results_eq(
    $$select * from market.session_counts('2020-01-08 12:00', clock_timestamp(), '{TST,NONE,TST}')$$,
    $$values ('NONE', 0, null::date, null::date, null::float8, null, 'raw', 'close'),
        ('TST', 2, '2020-01-02', '2020-01-03', 11.5, 'raw_a', 'raw', 'ohlcv')$$,
    'duplicates, bad rows, other bases and sessions not known yet do not count'
);
select results_eq(
    $$select sessions, last_close from market.session_counts('2020-01-07', clock_timestamp(), '{TST}')$$,
    $$values (2, 11::float8)$$, 'before the restatement was known: counted with its predecessor'
);
select results_eq(
    $$select sessions from market.session_counts('2020-01-08 12:00', '2020-01-08', '{TST}')$$, $$values (0)$$,
    'before anything was recorded: none'
);
select is((select count(*) from market.session_counts('2020-01-08', clock_timestamp(), '{NOWHERE}')), 0::bigint, 'an unknown symbol has no row');

select * from finish();
rollback;

-- Proves: the universe is effective-dated (A2): the past is never rewritten, spells never overlap.
begin;
select plan(8);

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

select is(
    ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02"}]'), 0, 'the stored spell again writes nothing'
);
select is(
    ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02", "valid_to": "2020-01-06"},
        {"symbol": "TST", "sector": "Utilities", "valid_from": "2020-01-06", "valid_to": null}]'), 2,
    'a sector change ends a spell and begins another'
);
select results_eq(
    'select sector, valid_from, valid_to from ref.universe where symbol = ''TST'' order by valid_from',
    $$values ('Energy', '2020-01-02'::date, '2020-01-06'::date), ('Utilities', '2020-01-06', 'infinity')$$, 'both are kept'
);
select is(ref.load_spells('[]'), 0, 'a spell that is no longer given stays');
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Materials", "valid_from": "2020-01-06"}]')$$, 'MQ105', null,
    'a stored spell''s sector cannot change'
);
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02"}]')$$, 'MQ105', null,
    'an ended spell cannot be opened again'
);
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-08"}]')$$, 'MQ106', null,
    'a spell inside another is refused'
);
select is((select count(*) from ref.universe where symbol = 'TST'), 2::bigint, 'what is refused changes nothing');

select * from finish();
rollback;

-- Proves: splits and dividends are facts with revisions; what a source no longer states is cancelled, never removed.
begin;
select plan(14);

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
create function pg_temp.act(p_days text, p_kinds text, p_factors text, p_provider text default 'raw_a') returns text language plpgsql as $$
declare
    v_batch bigint := market.open_batch(
        p_provider, 'TST', (select r.payload_id from market.provider_responses as r where r.provider = p_provider)
    );
    v_counts record;
begin
    select * into v_counts from market.ingest_actions(
        v_batch, '2020-01-02', '2020-01-09', p_days::date[], p_kinds::text[], p_factors::float8[],
        array_fill(1.0::float8, array[cardinality(p_days::date[])])
    );
    perform market.ingest_bars(v_batch);
    return format(
        '+%s ~%s -%s =%s', v_counts.actions_added, v_counts.actions_revised, v_counts.actions_cancelled, v_counts.actions_unchanged
    );
end $$;

select is(pg_temp.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{2,1.01}'), '+2 ~0 -0 =0', 'two actions of one date are two rows');
select results_eq(
    'select kind, known_at from market.corporate_actions order by kind desc',
    $$values ('split', '2020-01-03 14:30'::timestamptz), ('dividend', '2020-01-03 21:30')$$,
    'a split is known at the opening, a dividend''s factor with the close it contains'
);
select is(pg_temp.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{2,1.01}'), '+0 ~0 -0 =2', 'the same again writes nothing');
select is(pg_temp.act('{2020-01-03}', '{split}', '{3}'), '+0 ~1 -1 =0', 'one restated, one no longer stated');
select results_eq(
    'select kind, revision, factor, known_at from market.corporate_actions where revision > 0 order by kind',
    $$values ('dividend', 1, 1::float8, '2020-01-08 12:00'::timestamptz), ('split', 1, 3, '2020-01-08 12:00')$$,
    'a cancellation is a revision with factor 1, known when received'
);
select is(pg_temp.act('{2020-01-03}', '{split}', '{3}'), '+0 ~0 -0 =1', 'a cancelled one stays cancelled');
select is(pg_temp.act('{2020-01-03,2020-01-03}', '{split,dividend}', '{3,1.01}'), '+0 ~1 -0 =1', 'and may come back as a revision');
select is((select count(*) from market.corporate_actions), 5::bigint, 'nothing stored was changed');
select throws_ok($$select pg_temp.act('{2020-01-04}', '{split}', '{2}')$$, 'MQ110', null, 'an ex-date is a session');
select throws_ok($$select pg_temp.act('{2020-01-03}', '{split}', '{0}')$$, 'MQ110', null, 'a factor is positive');
select throws_ok($$select pg_temp.act('{2020-01-03}', '{split}', '{NaN}')$$, 'MQ110', null, 'and a number');
select throws_ok($$select pg_temp.act('{2020-01-03}', '{merger}', '{2}')$$, 'MQ110', null, 'its kind is known');
select throws_ok($$select pg_temp.act('{2020-01-03,2020-01-03}', '{split,split}', '{2,2}')$$, 'MQ110', null, 'and stated once a date');
select throws_ok(
    $$select * from market.ingest_actions((select min(batch_id) from market.ingest_batches), '2020-01-02', '2020-01-09', '{}', '{}', '{}', '{}')$$,
    'MQ109', null, 'a closed batch takes none'
);

select * from finish();
rollback;

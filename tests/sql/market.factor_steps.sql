-- Proves: F9: factors multiply from left to right, a split before a dividend, from the first stored session on, of the elected source.
begin;
select plan(5);

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

do $$ begin
    perform pg_temp.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 5, 6, 4, 5, 5], ["2020-01-07", 5, 6, 4, 5, 5],
        ["2020-01-08", 5, 6, 4, 5, 5]]');
end $$;

do $$ begin
    perform pg_temp.act('{2020-01-02,2020-01-03,2020-01-03,2020-01-06}', '{split,dividend,split,dividend}', '{7,1.1,2,1.3}');
    perform pg_temp.act('{2020-01-07}', '{split}', '{5}', 'raw_b');
end $$;
select results_eq(
    $$select * from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values ('TST', '2020-01-03'::date, 1.0::float8 * 2 * 1.1::float8), ('TST', '2020-01-06', 1.0::float8 * 2 * 1.1::float8 * 1.3::float8)$$,
    'one row per ex-date; none on the first stored session, none of a source that is not elected there'
);
select results_eq(
    $$select f.factor from unnest(calc.price_factors(
        '2020-01-02', 1.0, '{2020-01-02,2020-01-03,2020-01-07}', '{raw_a,raw_a,raw_a}',
        '{2020-01-02,2020-01-03,2020-01-03,2020-01-06,2020-01-07}', '{raw_a,raw_a,raw_a,raw_a,raw_b}', '{7,2,1.1,1.3,5}'
    )) as f (factor)$$,
    $$select 1.0::float8 union all select factor from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    'the features'' rule gives the same bits'
);
select results_eq(
    $$select ex_date from market.factor_steps('2020-01-03 14:30', clock_timestamp(), '{TST}')$$,
    $$select '2020-01-03'::date where false$$, 'no factor before a bar of its date is known'
);
do $$ begin perform pg_temp.act('{2020-01-02,2020-01-03,2020-01-06}', '{split,split,dividend}', '{7,4,1.3}'); end $$;
select results_eq(
    $$select factor from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values (4::float8), (4 * 1.3::float8)$$, 'a restated factor and a cancelled one count in their newest revision'
);
select results_eq(
    $$select factor from market.factor_steps('2020-01-08 11:59', clock_timestamp(), '{TST}')$$,
    $$values (1.0::float8 * 2 * 1.1::float8), (1.0::float8 * 2 * 1.1::float8 * 1.3::float8)$$, 'before that was known: the older ones'
);

select * from finish();
rollback;

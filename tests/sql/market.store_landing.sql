-- Proves: one bar per session is elected, by priority and newest revision, of the instrument's basis only; nothing stored changes.
begin;
select plan(11);

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

do $$ begin perform pg_temp.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5, 9.5], ["2020-01-03", 20, 21, 19, 20, 5]]'); end $$;
select results_eq(
    'select session, close, adj_close, provider, known_at from market.price_history order by session',
    $$values ('2020-01-02'::date, 10::float8, 9.5::float8, 'raw_b', '2020-01-02 21:45'::timestamptz),
        ('2020-01-03', 20, null, 'raw_b', '2020-01-03 21:45')$$, 'the only source there is is elected'
);
select is(
    (select rows_superseded from pg_temp.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5]]')), 1, 'a better source supersedes it'
);
select results_eq(
    'select session, close, provider from market.price_history order by session',
    $$values ('2020-01-02'::date, 11::float8, 'raw_a'), ('2020-01-03', 20, 'raw_b')$$, 'session by session'
);
do $$ begin perform pg_temp.take('raw_b', '[["2020-01-02", 12, 13, 11, 12, 5]]'); end $$;
select is(
    (select close from market.price_history where session = '2020-01-02'), 11::float8, 'a revision of the worse source is not elected'
);
select is((select count(*) from market.provider_bars where provider = 'raw_b' and session = '2020-01-02'), 2::bigint, 'but kept');
do $$ begin perform pg_temp.take('raw_a', '[["2020-01-02", 11, 12, 10, 11.5, 5]]'); end $$;
select results_eq(
    $$select close, revision from market.price_history where session = '2020-01-02'$$, $$values (11.5::float8, 1)$$,
    'one of the elected source is'
);
select results_eq(
    $$select revision, close from market.provider_bars where provider = 'raw_a' order by revision$$,
    $$values (0, 11::float8), (1, 11.5)$$, 'and its predecessor stays as it was'
);
select is(
    (select rows_unchanged from pg_temp.take('raw_a', '[["2020-01-02", 11, 12, 10, 11.5, 5, 7.7]]')), 1,
    'another adjusted close alone is no revision (F9)'
);
select is(
    (select rows_added from pg_temp.take('adj_c', '[["2020-01-06", null, null, null, 7, null]]')), 1, 'a bar of another basis is stored'
);
select is((select count(*) from market.price_history where session = '2020-01-06'), 0::bigint, 'as a second opinion, never elected');
select is(
    (select count(*) from market.provider_bars as b left join market.ingest_batches as i
        on i.batch_id = b.batch_id and i.provider = b.provider and i.symbol = b.symbol where i.batch_id is null), 0::bigint,
    'every bar leads back to its batch'
);

select * from finish();
rollback;

-- Proves: one door for bars: an open batch is taken in once, its landing rows go, recorded_at is the wall clock (ARCHITECTURE 2, Time).
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

select results_eq(
    $$select state, rows_received, rows_added, rows_revised, rows_unchanged, rows_duplicate, rows_quarantined, first_session, last_session
    from pg_temp.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5],
        ["2020-01-04", 10, 11, 9, 10, 5]]')$$,
    $$values ('DONE', 4, 2, 0, 0, 1, 1, '2020-01-02'::date, '2020-01-03'::date)$$, 'every row is counted once'
);
select results_eq(
    $$select rows_added, rows_revised, rows_unchanged from pg_temp.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5],
        ["2020-01-03", 10, 11, 9, 10.5, 5]]')$$,
    $$values (0, 1, 1)$$, 'a second payload adds nothing that is stored and revises what differs'
);
select is((select count(*) from market.bar_landing), 0::bigint, 'nothing stays landed');
select results_eq('select reason from market.quarantined_bars', $$values ('NON_SESSION')$$, 'what is set aside stands with its reason');
select throws_ok('select market.ingest_bars((select max(batch_id) from market.ingest_batches))', 'MQ109', null, 'a batch is taken in once');
select throws_ok('select market.ingest_bars(null)', 'MQ109', null, 'no batch is no batch');
select is(
    (select rows_added from pg_temp.take('raw_a', '[["2020-01-09", 10, 11, 9, 10, 5]]')), 1,
    'a session ahead of a simulated clock but behind the wall clock is history'
);
select is(
    (select bool_and(recorded_at between now() and clock_timestamp()) from market.provider_bars), true,
    'recorded_at is the wall clock on a simulated database too'
);
select results_eq(
    'select session, known_at from market.provider_bars where revision = 0 order by session',
    $$values ('2020-01-02'::date, '2020-01-02 21:30'::timestamptz), ('2020-01-03', '2020-01-03 21:30'), ('2020-01-09', '2020-01-09 21:30')$$,
    'a bar is known at its close plus the delay'
);
select is(
    (select known_at from market.provider_bars where revision = 1), '2020-01-08 12:00'::timestamptz,
    'a revision is known when it was received, by ops.now()'
);
update ops.simulated_clocks set instant = '2020-01-07 12:00';
do $$ begin perform pg_temp.take('raw_a', '[["2020-01-09", 10, 11, 9, 10.5, 5]]'); end $$;
select is(
    (select known_at from market.provider_bars where revision = 1 and session = '2020-01-09'), '2020-01-09 21:30'::timestamptz,
    'and never before its session could be'
);

select * from finish();
rollback;

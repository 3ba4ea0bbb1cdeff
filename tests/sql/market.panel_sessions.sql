-- Proves: what a panel is aligned on: the sessions that could be known, and no later one.
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

select is(
    market.panel_sessions('2020-01-07 21:30', 3), '{2020-01-03,2020-01-06,2020-01-07}'::date[], 'the last ones, ascending'
);
select is(
    market.panel_sessions('2020-01-07 21:29', 2), '{2020-01-03,2020-01-06}'::date[], 'a session counts from its close plus the delay'
);
select is(cardinality(market.panel_sessions('2020-01-07 21:30', 100)), 4, 'no more than the calendar has');
select is(market.panel_sessions('2020-01-01', 5), null, 'none before the first');
select is(market.panel_sessions('2020-01-07 21:30', 5, 'NONE'), null, 'none of a calendar that is not there');

select * from finish();
rollback;

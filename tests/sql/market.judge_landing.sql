-- Proves: every kind of bad row is set aside for its own reason; of equal rows one is accepted, of differing ones none.
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

create temporary table opened as
select market.open_batch('raw_a', 'TST', (select payload_id from market.provider_responses where provider = 'raw_a')) as batch_id;
insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, volume)
select o.batch_id, g.*
from opened as o, (
        values
            (1, '2020-01-02'::date, 10::float8, 11::float8, 9::float8, 10::float8, 5::float8),
            (2, '2020-01-04', 10, 11, 9, 10, 5), (3, null, 10, 11, 9, 10, 5),
            (4, '2020-01-09', 10, 11, 9, 10, 5), (5, '2031-01-02', 10, 11, 9, 10, 5),
            (6, '2020-01-03', 10, 11, 9, null, 5), (7, '2020-01-03', null, 11, 9, 10, 5),
            (8, '2020-01-03', 10, 11, 9, 'NaN', 5), (9, '2020-01-03', 10, 'Infinity', 9, 10, 5),
            (10, '2020-01-03', 10, 11, '-Infinity', 10, 5), (11, '2020-01-03', 10, 11, 9, 10, 'NaN'),
            (12, '2020-01-03', 10, 11, 0, 10, 5), (13, '2020-01-03', 10, 11, -1, 10, 5),
            (14, '2020-01-03', 10, 9, 11, 10, 5), (15, '2020-01-03', 10, 11, 9, 12, 5), (16, '2020-01-03', 8, 11, 9, 10, 5),
            (17, '2020-01-03', 10, 11, 9, 10, -5),
            (18, '2020-01-03', 10, 11, 9, 10, null),
            (19, '2020-01-06', 10, 11, 9, 10, 5), (20, '2020-01-06', 10, 11, 9, 10, 5),
            (21, '2020-01-07', 10, 11, 9, 10, 5), (22, '2020-01-07', 10, 11, 9, 10.5, 5)
    ) as g;
select results_eq(
    $$select row_number, reason from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where reason is not null order by row_number$$,
    $$values
        (2, 'NON_SESSION'), (3, 'NON_SESSION'), (4, 'FUTURE_SESSION'), (5, 'FUTURE_SESSION'), (6, 'NULL_PRICE'), (7, 'NULL_PRICE'),
        (8, 'NON_FINITE'), (9, 'NON_FINITE'), (10, 'NON_FINITE'), (11, 'NON_FINITE'), (12, 'NON_POSITIVE'), (13, 'NON_POSITIVE'),
        (14, 'HIGH_BELOW_LOW'), (15, 'OUTSIDE_RANGE'), (16, 'OUTSIDE_RANGE'), (17, 'NEGATIVE_VOLUME'),
        (21, 'DUPLICATE_CONFLICT'), (22, 'DUPLICATE_CONFLICT')$$, 'each defect has its reason'
);
select results_eq(
    $$select row_number, revision from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where accepted order by row_number$$,
    $$values (1, 0), (18, 0), (19, 0)$$, 'a volume may be missing; the first of equal rows is accepted; a bad row spoils no good one'
);
select is(
    (select received ->> 'close' from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where row_number = 8), 'NaN', 'what was received is kept as text where it is no number'
);
select results_eq(
    $$select row_number, reason, open is null and high is null and low is null
    from market.judge_landing((select batch_id from opened), 'adj_c', 'TST', '2020-01-08 22:00') where row_number in (1, 14)
    order by row_number$$,
    $$values (1, null, true), (14, 'DUPLICATE_CONFLICT', true)$$, 'of a close-only source the close alone is judged and kept'
);

select * from finish();
rollback;

-- Proves: one place says which session is complete: its close plus the longest delay of any source has passed (ARCHITECTURE 2, Time).
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

update ops.simulated_clocks set instant = '2020-01-07 21:44';
select is((select last_session from ref.last_sessions where calendar = 'XNYS'), '2020-01-06'::date, 'the slowest source counts');
update ops.simulated_clocks set instant = '2020-01-07 21:45';
select results_eq(
    $$select last_session, last_known_at, next_session, next_opens_at from ref.last_sessions where calendar = 'XNYS'$$,
    $$values ('2020-01-07'::date, '2020-01-07 21:45'::timestamptz, '2020-01-08'::date, '2020-01-08 14:30'::timestamptz)$$,
    'its last bar can be known: the session is complete, the next is named'
);
update ops.simulated_clocks set instant = '2020-01-01';
select results_eq(
    $$select last_session, next_session from ref.last_sessions where calendar = 'XNYS'$$, $$values (null::date, '2020-01-02'::date)$$,
    'before the first session there is no last one'
);
update ops.simulated_clocks set instant = '2021-01-01';
select results_eq(
    $$select last_session, next_session from ref.last_sessions where calendar = 'XNYS'$$, $$values ('2020-01-09'::date, null::date)$$,
    'where the calendar ends there is no next one'
);

select * from finish();
rollback;

-- Proves: the panel is a function of its two bounds: a later bar, revision or action changes no earlier answer (I24, F9).
begin;
select plan(10);

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

create temporary table seen as
select clock_timestamp() as before_revision,
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 5, '{TST}')) as closes;
select is((select closes from seen), '{10,5,NULL,5,5}'::float8[], 'aligned on the sessions, NULL where there is no bar');
select results_eq(
    $$select * from market.panel('2020-01-08 21:30', clock_timestamp(), 2, '{TST,NOWHERE,TST}')$$,
    $$values ('NOWHERE', '{NULL,NULL}'::float8[]), ('TST', '{5,5}')$$, 'one array a symbol, sorted; NULLs for one without bars'
);
select is(
    (select closes from market.panel('2020-01-08 21:29', clock_timestamp(), 2, '{TST}')), '{NULL,5}'::float8[],
    'nothing that is not known at as_of'
);
do $$ begin
    perform pg_temp.take('raw_a', '[["2020-01-06", 5, 6, 4, 5.5, 5], ["2020-01-07", 5, 6, 4, 5.2, 5]]');
    perform pg_temp.act('{2020-01-03,2020-01-07}', '{split,dividend}', '{2,1.1}');
end $$;
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 5, '{TST}')),
    array[10, 10, 11, 5.2::float8 * (2 * 1.1::float8), 5 * (2 * 1.1::float8)]::float8[],
    'a late bar, a revision and two actions: raw x the running product, from the first stored session'
);
select is(
    (select p.closes from seen as s, market.panel('2020-01-08 21:30', s.before_revision, 5, '{TST}') as p), (select closes from seen),
    'as recorded before them: the first answer again'
);
select is(
    (select closes from market.panel('2020-01-07 21:30', clock_timestamp(), 2, '{TST}')),
    array[11, 5 * (2 * 1.1::float8)]::float8[], 'as of an instant before the revision was known: its predecessor'
);
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')), array[5 * (2 * 1.1::float8)]::float8[],
    'actions before the window count'
);
do $$ begin perform pg_temp.take('adj_c', '[["2020-01-08", null, null, null, 99, null]]'); end $$;
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')), array[5 * (2 * 1.1::float8)]::float8[],
    'a second opinion changes nothing'
);
set local role fund_decider;
select lives_ok($$select * from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')$$, 'fund_decider reads it');
select throws_ok('select * from market.price_history', '42501', null, 'and not the table behind it');
reset role;

select * from finish();
rollback;

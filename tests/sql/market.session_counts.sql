-- Proves: the gate counts distinct valid sessions itself, within the panel's bounds (F5, F6).
begin;
select plan(4);
select fixtures.feed();

do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5], ["2020-01-03", 11, 12, 10, 11, 5], ["2020-01-03", 11, 12, 10, 11, 5],
        ["2020-01-06", 11, 12, 10, -1, 5], ["2020-01-09", 11, 12, 10, 11, 5]]');
    perform fixtures.take('raw_a', '[["2020-01-03", 11, 12, 10, 11.5, 5]]');
    perform fixtures.take('adj_c', '[["2020-01-06", null, null, null, 7, null]]');
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

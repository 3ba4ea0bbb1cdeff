-- Proves: the election: better or equal priority replaces, worse does not, another basis or kind is never elected (F9).
begin;
select plan(9);
select fixtures.feed();
create function pg_temp.bar(p_session date, p_close float8, p_provider text, p_adj_close float8 default null, p_basis text default 'raw',
    p_kind text default 'ohlcv') returns market.price_history language sql as $$
    select row(
        'TST', p_session, 10, 12, 9, p_close, p_adj_close, 5, p_provider, 0, p_kind, p_basis, '2020-01-07 21:30Z', '2020-01-08 12:00Z'
    )::market.price_history
$$;

select is(
    market.elect_bars(array[pg_temp.bar('2020-01-02', 10, 'raw_b', 9.5), pg_temp.bar('2020-01-03', 11, 'raw_b', 'NaN')], 2), 0,
    'the first bars of a session supersede nothing'
);
select results_eq(
    'select h.* from market.price_history as h order by h.session',
    $$values
        ('TST', '2020-01-02'::date, 10::float8, 12::float8, 9::float8, 10::float8, 9.5::float8, 5::float8, 'raw_b', 0, 'ohlcv', 'raw',
            '2020-01-07 21:30Z'::timestamptz, '2020-01-08 12:00Z'::timestamptz),
        ('TST', '2020-01-03', 10, 12, 9, 11, null, 5, 'raw_b', 0, 'ohlcv', 'raw', '2020-01-07 21:30Z', '2020-01-08 12:00Z')$$,
    'every column stands where it belongs; an adjusted close that is no price is left out'
);
select is(market.elect_bars(array[pg_temp.bar('2020-01-02', 10.5, 'raw_b')], 2), 0, 'a revision of the elected source is elected');
select is((select close from market.price_history where session = '2020-01-02'), 10.5::float8, 'and counts as none superseded');
select is(
    market.elect_bars(array[pg_temp.bar('2020-01-02', 11.5, 'raw_a'), pg_temp.bar('2020-01-06', 12, 'raw_a')], 1), 1,
    'a better source supersedes the one bar there is'
);
select is(market.elect_bars(array[pg_temp.bar('2020-01-02', 9.9, 'raw_b')], 2), 0, 'a worse one supersedes nothing');
select is(
    market.elect_bars(array[pg_temp.bar('2020-01-07', 7, 'adj_c', null, 'fully_adjusted')], 0)
    + market.elect_bars(array[pg_temp.bar('2020-01-07', 7, 'adj_c', null, 'raw', 'close')], 0), 0,
    'of another basis or kind: none, whatever its priority'
);
select is(market.elect_bars(null, 1), 0, 'no bars, no election');
select results_eq(
    'select session, close, provider from market.price_history order by session',
    $$values ('2020-01-02'::date, 11.5::float8, 'raw_a'), ('2020-01-03', 11, 'raw_b'), ('2020-01-06', 12, 'raw_a')$$,
    'session by session, what stands in the end'
);

select * from finish();
rollback;

-- Proves: one bar per session is elected, by priority and newest revision, of the instrument's basis only; nothing stored changes.
begin;
select plan(22);
select fixtures.feed();

do $$ begin perform fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5, 9.5], ["2020-01-03", 20, 21, 19, 20, 5]]'); end $$;
select results_eq(
    'select session, close, adj_close, provider, known_at from market.price_history order by session',
    $$values ('2020-01-02'::date, 10::float8, 9.5::float8, 'raw_b', '2020-01-02 21:45'::timestamptz),
        ('2020-01-03', 20, null, 'raw_b', '2020-01-03 21:45')$$, 'the only source there is is elected'
);
select is(
    (select rows_superseded from fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5]]')), 1, 'a better source supersedes it'
);
select results_eq(
    'select session, close, provider from market.price_history order by session',
    $$values ('2020-01-02'::date, 11::float8, 'raw_a'), ('2020-01-03', 20, 'raw_b')$$, 'session by session'
);
do $$ begin perform fixtures.take('raw_b', '[["2020-01-02", 12, 13, 11, 12, 5]]'); end $$;
select is(
    (select close from market.price_history where session = '2020-01-02'), 11::float8, 'a revision of the worse source is not elected'
);
select is((select count(*) from market.provider_bars where provider = 'raw_b' and session = '2020-01-02'), 2::bigint, 'but kept');
do $$ begin perform fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11.5, 5]]'); end $$;
select results_eq(
    $$select close, revision from market.price_history where session = '2020-01-02'$$, $$values (11.5::float8, 1)$$,
    'one of the elected source is'
);
select results_eq(
    $$select revision, close from market.provider_bars where provider = 'raw_a' order by revision$$,
    $$values (0, 11::float8), (1, 11.5)$$, 'and its predecessor stays as it was'
);
select is(
    (select rows_unchanged from fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11.5, 5, 7.7]]')), 1,
    'another adjusted close alone is no revision (F9)'
);
select is(
    (select rows_added from fixtures.take('adj_c', '[["2020-01-06", null, null, null, 7, null]]')), 1, 'a bar of another basis is stored'
);
select is((select count(*) from market.price_history where session = '2020-01-06'), 0::bigint, 'as a second opinion, never elected');
select is(
    (select count(*) from market.provider_bars as b left join market.ingest_batches as i
        on i.batch_id = b.batch_id and i.provider = b.provider and i.symbol = b.symbol where i.batch_id is null), 0::bigint,
    'every bar leads back to its batch'
);

select is(
    (select duplicate_sessions from fixtures.take('raw_b', '[["2020-01-07", 10, 11, 9, 10, 5], ["2020-01-03", 20, 21, 19, 20, 5],
        ["2020-01-06", 10, 11, 9, 10, 5], ["2020-01-03", 20, 21, 19, 20, 5], ["2020-01-07", 10, 11, 9, 10.5, 5]]')),
    '{2020-01-03,2020-01-07}'::date[], 'dates that came twice are named, equal rows or not'
);
select is(
    (select duplicate_sessions from fixtures.take('raw_b', '[["2020-01-06", 10, 11, 9, 10, 5]]')), '{}'::date[], 'and none where none did'
);

do $$ begin perform fixtures.take('raw_b', '[["2020-01-08", 10, 11, 9, 10, 5, "NaN"], ["2020-01-09", 10, 11, 9, 10, 5, 1e300]]'); end $$;
select results_eq(
    $$select adj_close from market.price_history where session in ('2020-01-08', '2020-01-09')$$,
    $$values (null::float8), (null)$$, 'an adjusted close that is no price is left out'
);
select is(
    (select rows_superseded from fixtures.take('raw_b', '[["2020-01-08", 10, 11, 9, 10.5, 5]]')), 0,
    'a revision of the elected source supersedes none'
);
select is(
    (select rows_superseded from fixtures.take('raw_b', '[["2020-01-02", 9, 10, 8, 9, 5]]')), 0, 'nor does a worse source'
);
select is(
    (select rows_superseded from fixtures.take('raw_a', '[["2020-01-08", 12, 13, 11, 12, 5], ["2020-01-09", 12, 13, 11, 12, 5],
        ["2020-01-07", 12, 13, 11, 12, 5]]')), 2, 'a better one as many as stood'
);
select results_eq(
    $$select h.session, h.open, h.high, h.low, h.close, h.adj_close, h.volume, h.provider, h.revision, h.price_kind, h.price_basis,
        h.known_at = b.known_at and h.recorded_at = b.recorded_at
    from market.price_history as h
        join market.provider_bars as b using (symbol, session, provider, revision)
    where h.session in ('2020-01-07', '2020-01-09') order by h.session$$,
    $$values
        ('2020-01-07'::date, 12::float8, 13::float8, 11::float8, 12::float8, null::float8, 5::float8, 'raw_a', 0, 'ohlcv', 'raw', true),
        ('2020-01-09', 12, 13, 11, 12, null, 5, 'raw_a', 0, 'ohlcv', 'raw', true)$$,
    'every column stands where it belongs, replaced or new'
);
select is(
    (select count(*) from market.price_history), 6::bigint, 'one bar per session stands in the end'
);

-- Better than any other source, but no source of this series.
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
values ('adj_best', 0, 'fully_adjusted', 'ohlcv', 30, 'test'), ('raw_close', -1, 'raw', 'close', 30, 'test');
do $$ begin
    perform market.archive_payload(p, '{}', '200', 'text/csv', 'x', sha256(p::bytea), 1) from unnest('{adj_best,raw_close}'::text[]) as p;
end $$;
select results_eq(
    $$select t.rows_added, t.rows_superseded from (values ('adj_best'), ('raw_close')) as p (provider),
        fixtures.take(p.provider, '[["2020-01-02", 1, 1, 1, 1, 5]]') as t$$,
    $$values (1, 0), (1, 0)$$, 'of another basis or kind no bar supersedes, whatever its priority'
);
select results_eq(
    $$select count(*), bool_or(close = 1) from market.price_history$$, $$values (6::bigint, false)$$, 'nor is it elected'
);
select results_eq(
    $$select rows_duplicate, duplicate_sessions, rows_quarantined from fixtures.take('raw_a', '[[null, 1, 1, 1, 1, 5],
        [null, 1, 1, 1, 1, 5]]')$$,
    $$values (0, '{}'::date[], 2)$$, 'rows without a date repeat none'
);

select * from finish();
rollback;

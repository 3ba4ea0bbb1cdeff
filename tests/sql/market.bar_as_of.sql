-- Proves: a bar as it was: by priority and newest revision within both bounds (ARCHITECTURE 2, Time).
begin;
select plan(5);
select fixtures.feed();

do $$ begin
    perform fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5]]');
    perform fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5]]');
    perform fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11.5, 5]]');
end $$;
select is(
    (select close from market.bar_as_of('TST', '2020-01-02', '2020-01-09', clock_timestamp())), 11.5::float8, 'now: the newest of the best'
);
select is(
    (select close from market.bar_as_of('TST', '2020-01-02', '2020-01-03', clock_timestamp())), 11::float8,
    'before the revision was known: its predecessor'
);
select is(
    (select provider from market.bar_as_of(
        'TST', '2020-01-02', '2020-01-09',
        (select recorded_at from market.provider_bars where provider = 'raw_b')
    )), 'raw_b', 'before the better source was recorded: the other'
);
select is(
    (select count(*) from market.bar_as_of('TST', '2020-01-02', '2020-01-02 21:29', clock_timestamp())), 0::bigint,
    'before its close plus delay: nothing'
);
select is((select count(*) from market.bar_as_of('TST', '2020-01-02', '2020-01-09', '2020-01-09')), 0::bigint, 'before it was recorded: nothing');

select * from finish();
rollback;

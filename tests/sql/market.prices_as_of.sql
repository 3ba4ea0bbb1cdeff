-- Proves: a changed bar keeps its predecessor, and both can be asked for.
begin;
select plan(5);
select fixtures.feed();

do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 11, 12, 10, 11, 5], ["2020-01-03", 11, 12, 10, 11, 5], ["2020-01-09", 11, 12, 10, 11, 5]]');
    perform fixtures.take('raw_a', '[["2020-01-03", 11, 12, 10, 11.5, 5]]');
end $$;
select results_eq(
    $$select session, close, revision from market.prices_as_of('2020-01-08 12:00', clock_timestamp())$$,
    $$values ('2020-01-02'::date, 11::float8, 0), ('2020-01-03', 11.5, 1)$$, 'now: the revised bar, and none that is not known yet'
);
select results_eq(
    $$select session, close, revision from market.prices_as_of('2020-01-07', clock_timestamp())$$,
    $$values ('2020-01-02'::date, 11::float8, 0), ('2020-01-03', 11, 0)$$, 'before the restatement was known: its predecessor'
);
select results_eq(
    $$select session, close from market.prices_as_of('2020-01-08 12:00', (select min(recorded_at) from market.provider_bars))$$,
    $$values ('2020-01-02'::date, 11::float8), ('2020-01-03', 11)$$, 'before it was recorded: the same'
);
select is((select count(*) from market.prices_as_of('2020-01-08', '2020-01-08')), 0::bigint, 'before anything was recorded: nothing');
select is((select count(*) from market.prices_as_of('2020-01-08', clock_timestamp(), '{OTHER}')), 0::bigint, 'of other symbols: nothing');

select * from finish();
rollback;

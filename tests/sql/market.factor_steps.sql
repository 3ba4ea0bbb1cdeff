-- Proves: F9: factors multiply from left to right, a split before a dividend, from the first stored session on, of the elected source.
begin;
select plan(5);
select fixtures.feed();
do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 5, 6, 4, 5, 5], ["2020-01-07", 5, 6, 4, 5, 5],
        ["2020-01-08", 5, 6, 4, 5, 5]]');
end $$;

do $$ begin
    perform fixtures.act('{2020-01-02,2020-01-03,2020-01-03,2020-01-06}', '{split,dividend,split,dividend}', '{7,1.1,2,1.3}');
    perform fixtures.act('{2020-01-07}', '{split}', '{5}', 'raw_b');
end $$;
select results_eq(
    $$select * from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values ('TST', '2020-01-03'::date, 1.0::float8 * 2 * 1.1::float8), ('TST', '2020-01-06', 1.0::float8 * 2 * 1.1::float8 * 1.3::float8)$$,
    'one row per ex-date; none on the first stored session, none of a source that is not elected there'
);
select results_eq(
    $$select f.factor from unnest(calc.price_factors(
        '2020-01-02', 1.0, '{2020-01-02,2020-01-03,2020-01-07}', '{raw_a,raw_a,raw_a}',
        '{2020-01-02,2020-01-03,2020-01-03,2020-01-06,2020-01-07}', '{raw_a,raw_a,raw_a,raw_a,raw_b}', '{7,2,1.1,1.3,5}'
    )) as f (factor)$$,
    $$select 1.0::float8 union all select factor from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    'the features'' rule gives the same bits'
);
select results_eq(
    $$select ex_date from market.factor_steps('2020-01-03 14:30', clock_timestamp(), '{TST}')$$,
    $$select '2020-01-03'::date where false$$, 'no factor before a bar of its date is known'
);
do $$ begin perform fixtures.act('{2020-01-02,2020-01-03,2020-01-06}', '{split,split,dividend}', '{7,4,1.3}'); end $$;
select results_eq(
    $$select factor from market.factor_steps('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values (4::float8), (4 * 1.3::float8)$$, 'a restated factor and a cancelled one count in their newest revision'
);
select results_eq(
    $$select factor from market.factor_steps('2020-01-08 11:59', clock_timestamp(), '{TST}')$$,
    $$values (1.0::float8 * 2 * 1.1::float8), (1.0::float8 * 2 * 1.1::float8 * 1.3::float8)$$, 'before that was known: the older ones'
);

select * from finish();
rollback;

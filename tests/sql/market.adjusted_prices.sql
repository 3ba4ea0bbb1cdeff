-- Proves: raw, split-adjusted, fully adjusted and F9 closes come from the same bars and actions, as of both instants.
begin;
select plan(6);
select fixtures.feed();
do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 5, 6, 4, 5, 8], ["2020-01-06", 4, 6, 4, 4, 8],
        ["2020-01-07", 4, 6, 4, 5, 8]]');
    perform fixtures.act('{2020-01-03,2020-01-06}', '{split,dividend}', '{2,1.25}');
    perform fixtures.act('{2020-01-07}', '{split}', '{3}', 'raw_b');
end $$;

select results_eq(
    $$select session, close, split_factor, factor from market.adjusted_prices('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values ('2020-01-02'::date, 10::float8, 1::float8, 1::float8), ('2020-01-03', 5, 2, 2), ('2020-01-06', 4, 2, 2.5),
        ('2020-01-07', 5, 2, 2.5)$$,
    'the close as stored, and the factors of the elected source''s actions'
);
select results_eq(
    $$select close_split_adjusted, volume_split_adjusted from market.adjusted_prices('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values (5::float8, 10::float8), (5, 8), (4, 8), (5, 8)$$, 'counted back for the split: no jump, in shares of the last session'
);
select results_eq(
    $$select close_adjusted, close_f9 from market.adjusted_prices('2020-01-08 12:00', clock_timestamp(), '{TST}')$$,
    $$values (4::float8, 10::float8), (4, 10), (4, 10), (5, 12.5)$$, 'and in full, from either end: the same returns'
);
select is(
    (select array_agg(s.close_f9 order by s.session) from market.adjusted_prices('2020-01-08 12:00', clock_timestamp(), '{TST}') as s),
    (select c.closes from market.panel('2020-01-08 12:00', clock_timestamp(), 10, '{TST}') as c),
    'the F9 series is the panel''s, to the bit'
);
select results_eq(
    $$select close_adjusted from market.adjusted_prices('2020-01-03 22:00', clock_timestamp(), '{TST}')$$,
    $$values (5::float8), (5)$$, 'before the dividend was known: the split alone'
);
select is(
    (select count(*) from market.adjusted_prices('2020-01-08 12:00', '2020-01-08', '{TST}')), 0::bigint, 'before anything was recorded: nothing'
);

select * from finish();
rollback;

-- Proves: ruling F9 (factors anchored at the first stored session, product left to right, elected provider only).
begin;
select plan(8);

select is(
    calc.price_factors(
        '2020-01-01', 1.0::double precision, array['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-06']::date[],
        array['a', 'a', 'a', 'a'], array['2020-01-02', '2020-01-06']::date[], array['a', 'a'],
        array[2, 1.5]::double precision[]
    ),
    array[1, 2, 2, 3]::double precision[],
    'a split doubles every price from its ex-date on, a dividend multiplies from its own'
);
select is(
    calc.price_factors(
        '2020-01-02', 1.0::double precision, array['2020-01-02', '2020-01-03']::date[], array['a', 'a'],
        array['2020-01-01', '2020-01-02']::date[], array['a', 'a'], array[2, 4]::double precision[]
    ),
    array[1, 1]::double precision[],
    'an action on or before the first stored session does not count'
);
select is(
    calc.price_factors(
        '2020-01-01', 1.0::double precision, array['2020-01-01', '2020-01-06']::date[], array['a', 'a'],
        array['2020-01-04']::date[], array['a'], array[2]::double precision[]
    ),
    array[1, 2]::double precision[],
    'an ex-date without a bar takes effect on the next stored session'
);
select is(
    calc.price_factors(
        '2020-01-01', 1.0::double precision, array['2020-01-01', '2020-01-02', '2020-01-03']::date[], array['a', 'b', 'b'],
        array['2020-01-02', '2020-01-02']::date[], array['a', 'b'], array[2, 3]::double precision[]
    ),
    array[1, 3, 3]::double precision[],
    'of two providers'' actions only the elected bar''s provider counts'
);
select is(
    calc.price_factors(
        '2020-01-02', 6.0::double precision, array['2020-01-03', '2020-01-06']::date[], array['a', 'a'],
        array['2020-01-02', '2020-01-06']::date[], array['a', 'a'], array[2, 0.5]::double precision[]
    ),
    array[6, 3]::double precision[],
    'a carried factor continues after the last session kept'
);
-- (1.1 x 1.7) x 1.3 and 1.1 x (1.7 x 1.3) differ in the last bit: the order is part of the contract.
select is(
    (calc.price_factors(
        '2020-01-01', 1.0::double precision, array['2020-01-01', '2020-01-02']::date[], array['a', 'a'],
        array['2020-01-02', '2020-01-02', '2020-01-02']::date[], array['a', 'a', 'a'],
        array[1.1, 1.7, 1.3]::double precision[]
    ))[2],
    ((1.0::double precision * 1.1::double precision) * 1.7::double precision) * 1.3::double precision,
    'the product runs left to right from the start value'
);
select is(
    calc.price_factors('2020-01-01', 1.0::double precision, '{}', '{}', '{}', '{}', '{}'),
    '{}'::double precision[],
    'no session, no factor'
);
select is(
    calc.price_factors(
        '2020-01-01', 2.0::double precision, array['2020-01-02']::date[], array['a'], null, null, null
    ),
    array[2]::double precision[],
    'no action leaves the start value'
);

select * from finish();
rollback;

-- Proves: ruling F9 (adjusted = stored x factor) and the running maxima the gate and change detection rely on.
begin;
select plan(6);

create temporary table rows_made as
select u.*
from calc.price_series(
    '2020-01-01', 1.0::double precision, null, null,
    array['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-06']::date[], array['a', 'a', 'a', 'a'],
    array[10, 5, 6, 3]::double precision[], array[11, 6, 7, null]::double precision[], array[9, 4, 5, null]::double precision[],
    array['2020-01-01', '2020-01-02', '2020-02-01', '2020-01-06']::timestamptz[],
    array['2021-01-01', '2021-01-04', '2021-01-02', '2021-01-03']::timestamptz[],
    array['2020-01-02', '2020-01-06']::date[], array['a', 'b'], array[2, 7]::double precision[],
    array['2020-01-02 14:30', '2022-01-01']::timestamptz[], array['2021-01-01', '2021-06-01']::timestamptz[]
    ) as s
    cross join lateral unnest(s.known_at, s.recorded_at, s.factor, s.close_adj, s.high_adj, s.low_adj)
        with ordinality as u (known_at, recorded_at, factor, close_adj, high_adj, low_adj, n);

select results_eq(
    'select close_adj from rows_made order by n', array[10, 10, 12, 6]::double precision[],
    'a 2:1 split leaves the series where it was; another provider''s action counts for nothing'
);
select results_eq(
    'select high_adj from rows_made order by n', array[11, 12, 14, null]::double precision[], 'high and low take the same factor'
);
select results_eq(
    'select known_at from rows_made order by n',
    array['2020-01-01', '2020-01-02 14:30', '2020-02-01', '2020-02-01']::timestamptz[],
    'known_at never falls, and an action that does not count does not raise it'
);
select results_eq(
    'select recorded_at from rows_made order by n',
    array['2021-01-01', '2021-01-04', '2021-01-04', '2021-06-01']::timestamptz[],
    'recorded_at never falls, and is raised by every action looked at'
);
select is(
    (
        select row(s.known_at, s.factor, s.close_adj)::text
        from calc.price_series(
            '2020-01-02', 2.0::double precision, '2020-02-02', '2021-01-04', array['2020-01-03']::date[], array['a'],
            array[6]::double precision[], array[7]::double precision[], array[5]::double precision[],
            array['2020-01-03']::timestamptz[], array['2021-01-02']::timestamptz[], null, null, null, null, null
        ) as s
    ),
    row(array['2020-02-02'::timestamptz], array[2.0::double precision], array[12.0::double precision])::text,
    'it continues from the factor and the maxima of the row before'
);
select is(
    (
        select s.close_adj
        from calc.price_series(
            '2020-01-02', 2.0::double precision, null, null, null, null, null, null, null, null, null, null, null, null, null, null
        ) as s
    ),
    '{}', 'no session, no element'
);

select * from finish();
rollback;

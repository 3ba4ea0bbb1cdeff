-- Proves: every kind of bad row is set aside for its own reason; of equal rows one is accepted, of differing ones none; each landed
-- row of the batch, and no other's, is judged once, as its source's kind of bar.
begin;
select plan(9);
select fixtures.feed();

create temporary table opened as select fixtures.batch() as batch_id;
insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, volume)
select o.batch_id, g.*
from opened as o, (
        values
            (1, '2020-01-02'::date, 10::float8, 11::float8, 9::float8, 10::float8, 5::float8),
            (2, '2020-01-04', 10, 11, 9, 10, 5), (3, null, 10, 11, 9, 10, 5),
            (4, '2020-01-09', 10, 11, 9, 10, 5), (5, '2031-01-02', 10, 11, 9, 10, 5),
            (6, '2020-01-03', 10, 11, 9, null, 5), (7, '2020-01-03', null, 11, 9, 10, 5),
            (8, '2020-01-03', 10, 11, 9, 'NaN', 5), (9, '2020-01-03', 10, 'Infinity', 9, 10, 5),
            (10, '2020-01-03', 10, 11, '-Infinity', 10, 5), (11, '2020-01-03', 10, 11, 9, 10, 'NaN'),
            (12, '2020-01-03', 10, 11, 0, 10, 5), (13, '2020-01-03', 10, 11, -1, 10, 5),
            (14, '2020-01-03', 10, 9, 11, 10, 5), (15, '2020-01-03', 10, 11, 9, 12, 5), (16, '2020-01-03', 8, 11, 9, 10, 5),
            (17, '2020-01-03', 10, 11, 9, 10, -5),
            (18, '2020-01-03', 10, 11, 9, 10, null),
            (19, '2020-01-06', 10, 11, 9, 10, 5), (20, '2020-01-06', 10, 11, 9, 10, 5),
            (21, '2020-01-07', 10, 11, 9, 10, 5), (22, '2020-01-07', 10, 11, 9, 10.5, 5)
    ) as g;
select results_eq(
    $$select row_number, reason from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where reason is not null order by row_number$$,
    $$values
        (2, 'NON_SESSION'), (3, 'NON_SESSION'), (4, 'FUTURE_SESSION'), (5, 'FUTURE_SESSION'), (6, 'NULL_PRICE'), (7, 'NULL_PRICE'),
        (8, 'NON_FINITE'), (9, 'NON_FINITE'), (10, 'NON_FINITE'), (11, 'NON_FINITE_VOLUME'), (12, 'NON_POSITIVE'), (13, 'NON_POSITIVE'),
        (14, 'HIGH_BELOW_LOW'), (15, 'OUTSIDE_RANGE'), (16, 'OUTSIDE_RANGE'), (17, 'NEGATIVE_VOLUME'),
        (21, 'DUPLICATE_CONFLICT'), (22, 'DUPLICATE_CONFLICT')$$, 'each defect has its reason'
);
select results_eq(
    $$select row_number, revision from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where accepted order by row_number$$,
    $$values (1, 0), (18, 0), (19, 0)$$, 'a volume may be missing; the first of equal rows is accepted; a bad row spoils no good one'
);
select results_eq(
    $$select row_number, reason, open is null and high is null and low is null
    from market.judge_landing((select batch_id from opened), 'adj_c', 'TST', '2020-01-08 22:00') where row_number in (1, 14)
    order by row_number$$,
    $$values (1, null, true), (14, 'DUPLICATE_CONFLICT', true)$$, 'of a close-only source the close alone is judged and kept'
);
select results_eq(
    $$select row_number, nth from market.judge_landing((select batch_id from opened), 'raw_a', 'TST', '2020-01-08 22:00')
    where session in ('2020-01-02', '2020-01-06') or row_number in (6, 18) order by row_number$$,
    $$values (1, 1::bigint), (6, 2), (18, 1), (19, 1), (20, 2)$$, 'among the rows of its session the sound ones come first'
);

create temporary table others as select o.batch_id + 1 as batch_id from opened as o;
insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, adj_close, volume)
select o.batch_id, g.*
from others as o, (
        values
            (1, '2020-01-02'::date, 10::float8, 11::float8, 9::float8, 10::float8, 9.5::float8, 5::float8),
            (1, '2020-01-02', 10, 11, 9, 10, 9.5, 5), (2, null, null, null, null, null, null, null),
            (3, null, null, null, null, null, null, null), (4, '2020-01-04', 10, 11, 9, 10, 10, 5)
    ) as g;
select results_eq(
    $$select row_number, session, open, close, adj_close, volume, closes_at, reason, accepted
    from market.judge_landing((select batch_id from others), 'raw_a', 'TST', '2020-01-08 22:00') order by row_number, accepted desc$$,
    $$values
        (1, '2020-01-02'::date, 10::float8, 10::float8, 9.5::float8, 5::float8, '2020-01-02 21:00Z'::timestamptz, null, true),
        (1, '2020-01-02', 10, 10, 9.5, 5, '2020-01-02 21:00Z', null, false),
        (2, null, null, null, null, null, null, 'NON_SESSION', false), (3, null, null, null, null, null, null, 'NON_SESSION', false),
        (4, '2020-01-04', 10, 10, 10, 5, null, 'NON_SESSION', false)$$,
    'every row of the batch once, whatever it is numbered or holds, beside its session''s close; none of another batch'
);
select results_eq(
    $$select distinct open, high, low, close, adj_close, volume
    from market.judge_landing((select batch_id from others), 'adj_c', 'TST', '2020-01-08 22:00') where row_number = 1$$,
    $$values (null::float8, null::float8, null::float8, 10::float8, 9.5::float8, 5::float8)$$,
    'a close-only source has neither open, high nor low, but what it has'
);
select results_eq(
    $$select distinct reason from market.judge_landing((select batch_id from others), 'raw_a', 'NONE', '2020-01-08 22:00')$$,
    $$values ('NON_SESSION')$$, 'an instrument that is not there has no sessions'
);
insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, volume)
select o.batch_id + 2, row_number() over (order by s.session, g.n), s.session, g.open, g.high, g.low, g.close, g.volume
from others as o, (values ('2020-01-02'::date, 1), ('2020-01-03', 2), ('2020-01-06', 3), ('2020-01-07', 4), ('2020-01-08', 5)) as s (session, field),
    (select n from generate_series(0, 1) as n) as twin,
    lateral (select twin.n, 10 + 0.5 * twin.n * (s.field = 1)::integer as open, 11 + twin.n * (s.field = 2)::integer as high,
        9 - twin.n * (s.field = 3)::integer as low, 10 + 0.5 * twin.n * (s.field = 4)::integer as close,
        case when twin.n = 0 or s.field <> 5 then 5 end as volume) as g;
select results_eq(
    $$select reason, count(*) from market.judge_landing((select batch_id + 2 from others), 'raw_a', 'TST', '2020-01-08 22:00')
    group by reason$$, $$values ('DUPLICATE_CONFLICT', 10::bigint)$$, 'a difference in any one field is a conflict, a volume that is missing too'
);
select is_empty(
    $$select 1 from market.judge_landing((select batch_id + 3 from others), 'raw_a', 'TST', '2020-01-08 22:00')$$,
    'a batch in which nothing landed has no rows'
);

select * from finish();
rollback;

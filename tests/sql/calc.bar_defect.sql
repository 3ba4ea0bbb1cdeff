-- Proves: F1: a bar is disqualified for the first defect that applies, at the last value on either side of each bound.
begin;
select plan(7);

select results_eq(
    $$select calc.bar_defect(b.open, b.high, b.low, b.close, b.volume, true) from (values
        (1, 10::float8, 11::float8, 9::float8, 10::float8, 5::float8), (2, 11, 11, 9, 9, 0), (3, 9, 9, 9, 9, null),
        (4, 1e-12, 999999999999.9999, 1e-12, 1, 1e18)
    ) as b (n, open, high, low, close, volume) order by b.n$$,
    $$values (null), (null), (null), (null)$$, 'none: inside and at the edge of its range, without volume, at the bounds'
);
select results_eq(
    $$select calc.bar_defect(b.open, b.high, b.low, b.close, b.volume, true) from (values
        (1, 10::float8, 11::float8, 9::float8, null::float8, 5::float8), (2, null, 11, 9, 10, 5), (3, 10, null, 9, 10, 5),
        (4, 10, 11, null, 10, 5), (5, 10, 'Infinity', 9, 10, 5), (6, 10, 11, '-Infinity', 10, 5), (7, 10, 11, 9, 'NaN', 5),
        (8, 10, 11, 9, 10, 'NaN'), (9, 10, 11, 9, 10, '-Infinity'), (10, 10, 11, 0, 10, 5), (11, 10, 11, 9, -1, 5),
        (12, 10, 11, 9, 10, -1), (13, 10, 9, 11, 10, 5), (14, 11.5, 11, 9, 10, 5), (15, 10, 11, 9, 8.5, 5),
        (16, 10, 11, 9, 10, 'Infinity'), (17, 1e12, 1e12, 1e12, 1e12, 5), (18, 10, 1e300, 9, 10, -1),
        (19, 10, 11, 9.99e-13, 10, 5), (20, 1e-300, 1e-300, 1e-300, 1e-300, 5),
        (21, 10, 11, 9, 10, 1.0000000000000002e18), (22, 10, 11, 9, 1e300, 5)
    ) as b (n, open, high, low, close, volume) order by b.n$$,
    $$values ('NULL_PRICE'), ('NULL_PRICE'), ('NULL_PRICE'), ('NULL_PRICE'), ('NON_FINITE'), ('NON_FINITE'), ('NON_FINITE'),
        ('NON_FINITE_VOLUME'), ('NEGATIVE_VOLUME'), ('NON_POSITIVE'), ('NON_POSITIVE'), ('NEGATIVE_VOLUME'), ('HIGH_BELOW_LOW'),
        ('OUTSIDE_RANGE'), ('OUTSIDE_RANGE'), ('NON_FINITE_VOLUME'), ('ABSURD_PRICE'), ('ABSURD_PRICE'), ('ABSURD_PRICE'), ('ABSURD_PRICE'),
        ('ABSURD_VOLUME'), ('ABSURD_PRICE')$$, 'each defect'
);
select is(calc.bar_defect(null, null, null, 10, null, false), null, 'of a close-only bar the close is enough');
select is(calc.bar_defect(null, null, null, 0, null, false), 'NON_POSITIVE', 'and is judged');
select is(calc.bar_defect(null, null, null, 1e300, null, false), 'ABSURD_PRICE', 'by the same bounds');
select is(calc.bar_defect(-1, 'NaN', 9, null, -5, true), 'NULL_PRICE', 'the first that applies is named');
select results_eq(
    $$select calc.bar_defect(b.open, 11, 9, b.close, b.volume, true) from (values
        (1, 10::float8, 12::float8, -1::float8), (2, 8, 10, 'NaN'), (3, 'NaN', 10, 'NaN'), (4, -1, 10, -1)
    ) as b (n, open, close, volume) order by b.n$$,
    $$values ('OUTSIDE_RANGE'), ('OUTSIDE_RANGE'), ('NON_FINITE'), ('NON_POSITIVE')$$, 'a price that is none is not hidden by the volume'
);

select * from finish();
rollback;

-- Proves: ruling T1 (momentum is ln(P / P_-h)), and that a run continued anywhere gives the bits of one from the start.
begin;
select plan(4);

create temporary table prices as
select n, (100 + 7 * sin(n::double precision) + n / 10::double precision) as p from generate_series(1, 300) as n;
create temporary table whole as
select u.*
from calc.momentum(1, (select array_agg(p order by n) from prices), null, null, null) as k
    cross join lateral unnest(k.momentum_21, k.momentum_63, k.momentum_252)
        with ordinality as u (momentum_21, momentum_63, momentum_252, n);

select is(
    (select array_agg(w.momentum_21 order by w.n) from whole as w where w.n in (21, 22)),
    array[null, (select ln(b.p / a.p) from prices as a, prices as b where a.n = 1 and b.n = 22)],
    'null through row 21, the logarithm of the ratio from row 22 on'
);
select is(
    (select array[count(w.momentum_21), count(w.momentum_63), count(w.momentum_252)] from whole as w),
    array[279, 237, 48]::bigint[], 'each begins after its h rows'
);
select results_eq(
    $$
    select u.*
    from calc.momentum(
        101, (select array_agg(p order by n) from prices where n > 100),
        (select array_agg(p order by n) from prices where n between 80 and 100),
        (select array_agg(p order by n) from prices where n between 38 and 100),
        (select array_agg(p order by n) from prices where n between -151 and 48)
        ) as k
        cross join lateral unnest(k.momentum_21, k.momentum_63, k.momentum_252) as u
    $$,
    'select w.momentum_21, w.momentum_63, w.momentum_252 from whole as w where w.n > 100 order by w.n',
    'continued at row 101, the same bits'
);
select is((select k.momentum_21 from calc.momentum(1, null, null, null, null) as k), '{}', 'no close, no element');

select * from finish();
rollback;

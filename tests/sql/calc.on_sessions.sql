-- Proves: ruling A13: a benchmark's values stand beside the symbol's own sessions, never beside another.
begin;
select plan(5);

create temporary table other as
select
    array['2020-01-01', '2020-01-02', '2020-01-06', '2020-01-07']::date[] as sessions,
    array['2020-01-01', '2020-01-02', '2020-01-06', '2020-01-07']::timestamptz[] as ats,
    array[1, 2, 6, 7]::double precision[] as p;

select is(
    (select k.seen from other as o, calc.on_sessions(o.sessions, o.sessions, o.ats, o.ats, o.p) as k),
    array[1, 2, 6, 7]::double precision[], 'the same sessions: the same values'
);
select results_eq(
    $$
    select k.seen, k.known_ats, k.recorded_ats
    from other as o
        cross join lateral calc.on_sessions(
            array['2020-01-02', '2020-01-03', '2020-01-07', '2020-01-08']::date[], o.sessions, o.ats, o.ats, o.p
        ) as k
    $$,
    $$
    values (
        array[2, 0, 7, 0]::double precision[],
        array['2020-01-02', '2020-01-02', '2020-01-07', '2020-01-07']::timestamptz[],
        array['2020-01-02', '2020-01-02', '2020-01-07', '2020-01-07']::timestamptz[]
    )
    $$,
    'an element per wanted session, 0 where the other series has none, gaps on both sides and beyond the end; instants stay'
);
select is(
    (select k.seen from other as o, calc.on_sessions(array['2020-01-06', '2020-01-07']::date[], o.sessions, o.ats, o.ats, o.p) as k),
    array[6, 7]::double precision[], 'what lies before the first wanted session is passed over'
);
select is(
    (select k.seen from calc.on_sessions(array['2020-01-06', '2020-01-07']::date[], null, null, null, null) as k),
    array[0, 0]::double precision[], 'without a benchmark there is nothing on any session'
);
select is(
    (
        select k.known_ats
        from other as o, calc.on_sessions(array['2019-12-31', '2020-01-03', '2020-01-06']::date[], o.sessions, o.ats, o.ats, o.p) as k
    ),
    array['-infinity', '-infinity', '2020-01-06']::timestamptz[], 'no instant before the first session both have'
);

select * from finish();
rollback;

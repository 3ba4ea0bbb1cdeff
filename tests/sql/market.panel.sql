-- Proves: the panel is a function of its two bounds: a later bar, revision or action changes no earlier answer (I24, F9).
begin;
select plan(10);
select fixtures.feed();
do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 5, 6, 4, 5, 5], ["2020-01-07", 5, 6, 4, 5, 5],
        ["2020-01-08", 5, 6, 4, 5, 5]]');
end $$;

create temporary table seen as
select clock_timestamp() as before_revision,
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 5, '{TST}')) as closes;
select is((select closes from seen), '{10,5,NULL,5,5}'::float8[], 'aligned on the sessions, NULL where there is no bar');
select results_eq(
    $$select * from market.panel('2020-01-08 21:30', clock_timestamp(), 2, '{TST,NOWHERE,TST}')$$,
    $$values ('NOWHERE', '{NULL,NULL}'::float8[]), ('TST', '{5,5}')$$, 'one array a symbol, sorted; NULLs for one without bars'
);
select is(
    (select closes from market.panel('2020-01-08 21:29', clock_timestamp(), 2, '{TST}')), '{NULL,5}'::float8[],
    'nothing that is not known at as_of'
);
do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-06", 5, 6, 4, 5.5, 5], ["2020-01-07", 5, 6, 4, 5.2, 5]]');
    perform fixtures.act('{2020-01-03,2020-01-07}', '{split,dividend}', '{2,1.1}');
end $$;
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 5, '{TST}')),
    array[10, 10, 11, 5.2::float8 * (2 * 1.1::float8), 5 * (2 * 1.1::float8)]::float8[],
    'a late bar, a revision and two actions: raw x the running product, from the first stored session'
);
select is(
    (select p.closes from seen as s, market.panel('2020-01-08 21:30', s.before_revision, 5, '{TST}') as p), (select closes from seen),
    'as recorded before them: the first answer again'
);
select is(
    (select closes from market.panel('2020-01-07 21:30', clock_timestamp(), 2, '{TST}')),
    array[11, 5 * (2 * 1.1::float8)]::float8[], 'as of an instant before the revision was known: its predecessor'
);
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')), array[5 * (2 * 1.1::float8)]::float8[],
    'actions before the window count'
);
do $$ begin perform fixtures.take('adj_c', '[["2020-01-08", null, null, null, 99, null]]'); end $$;
select is(
    (select closes from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')), array[5 * (2 * 1.1::float8)]::float8[],
    'a second opinion changes nothing'
);
set local role fund_decider;
select lives_ok($$select * from market.panel('2020-01-08 21:30', clock_timestamp(), 1, '{TST}')$$, 'fund_decider reads it');
select throws_ok('select * from market.price_history', '42501', null, 'and not the table behind it');
reset role;

select * from finish();
rollback;

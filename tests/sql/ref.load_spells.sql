-- Proves: the universe is effective-dated (A2): the past is never rewritten, spells never overlap.
begin;
select plan(8);
select fixtures.feed();

select is(
    ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02"}]'), 0, 'the stored spell again writes nothing'
);
select is(
    ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02", "valid_to": "2020-01-06"},
        {"symbol": "TST", "sector": "Utilities", "valid_from": "2020-01-06", "valid_to": null}]'), 2,
    'a sector change ends a spell and begins another'
);
select results_eq(
    'select sector, valid_from, valid_to from ref.universe where symbol = ''TST'' order by valid_from',
    $$values ('Energy', '2020-01-02'::date, '2020-01-06'::date), ('Utilities', '2020-01-06', 'infinity')$$, 'both are kept'
);
select is(ref.load_spells('[]'), 0, 'a spell that is no longer given stays');
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Materials", "valid_from": "2020-01-06"}]')$$, 'MQ105', null,
    'a stored spell''s sector cannot change'
);
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-02"}]')$$, 'MQ105', null,
    'an ended spell cannot be opened again'
);
select throws_ok(
    $$select ref.load_spells('[{"symbol": "TST", "sector": "Energy", "valid_from": "2020-01-08"}]')$$, 'MQ106', null,
    'a spell inside another is refused'
);
select is((select count(*) from ref.universe where symbol = 'TST'), 2::bigint, 'what is refused changes nothing');

select * from finish();
rollback;

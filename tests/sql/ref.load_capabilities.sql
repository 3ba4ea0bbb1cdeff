-- Proves: the rows a router asks by are what it is given, whole.
begin;
select plan(5);
select fixtures.feed();

create function pg_temp.load(p_rows text) returns integer language sql as $$
    select ref.load_capabilities(jsonb_agg(jsonb_build_object('requires_entitlement', false) || r.value))
    from jsonb_array_elements(p_rows::jsonb) as r
$$;
select is(pg_temp.load('[{"provider": "raw_a", "asset_class": "equity", "priority": 1, "history_days_max": 5000},
    {"provider": "raw_a", "asset_class": "fx", "priority": 1, "history_days_max": 5000},
    {"provider": "raw_b", "asset_class": "equity", "priority": 2, "history_days_max": 730}]'), 3, 'rows are stored');
select is(pg_temp.load('[{"provider": "raw_a", "asset_class": "equity", "priority": 1, "history_days_max": 5000},
    {"provider": "raw_b", "asset_class": "equity", "priority": 2, "history_days_max": 1000}]'), 1, 'a row that differs is replaced');
select results_eq(
    'select provider, asset_class, history_days_max from ref.provider_capabilities order by 1',
    $$values ('raw_a', 'equity', 5000), ('raw_b', 'equity', 1000)$$, 'and one that is not given is gone'
);
select throws_ok($$select ref.load_capabilities('[{"provider": "raw_a", "class": "equity"}]')$$, 'MQ204', null, 'an unknown key is refused');
select throws_ok(
    $$select pg_temp.load('[{"provider": "nobody", "asset_class": "equity", "priority": 1, "history_days_max": 1}]')$$, '23503', null,
    'so is a source that is not registered'
);

select * from finish();
rollback;

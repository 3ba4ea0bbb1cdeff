-- Proves: the scheduler's call prunes what is older than its config says and nothing younger; without an interval, nothing.
begin;
select plan(5);
select fixtures.feed();

select lives_ok($$select market.prune_daily(1, '{"older_than": "1 hour"}')$$, 'it takes what a scheduler hands over');
select is((select count(r.payload) from market.provider_responses as r), 3::bigint, 'what is younger keeps its bytes');
select market.prune_daily(1, '{"older_than": "-1 hour"}');
select is(
    (select count(r.payload) from market.provider_responses as r), 0::bigint, 'what is older and leads to nothing has lost them'
);
select throws_ok(
    $$select market.prune_daily(1, '{"older_than": "soon"}')$$, '22007', null, 'a config without an interval is an error'
);
select is(
    coalesce((
        select has_function_privilege(r.oid, 'market.prune_daily(integer, jsonb)', 'execute')
        from pg_catalog.pg_roles as r where r.rolname = 'fund_history'
    ), true), true, 'with TimescaleDB its owner of history may call it'
);
select * from finish();
rollback;

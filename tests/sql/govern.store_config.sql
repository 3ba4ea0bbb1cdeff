-- Proves: I20: bytes under the hash the database computes, kept once.
begin;
select plan(5);
select throws_ok($$select govern.store_config('00', 'x', '{}')$$, 'MQ231', null, 'another hash');
select throws_ok($$select govern.store_config(fixtures.config_sha256('x'), 'x', '[]')$$, 'MQ231', null, 'values that are none');
select throws_ok($$select govern.store_config(null, 'x', '{}')$$, 'MQ231', null, 'no hash');
select govern.store_config(fixtures.config_sha256('x'), 'x', '{}'), govern.store_config(fixtures.config_sha256('x'), 'x', '{"a": 1}');
select results_eq('select v.body, v.parsed from govern.config_versions as v', $$values ('x'::bytea, '{}'::jsonb)$$, 'the first stays');
select is(govern.pinned_config(), null, 'nothing is pinned by it');
select * from finish();
rollback;

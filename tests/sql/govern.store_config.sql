-- Proves: I20: bytes under the hash the database computes, kept once; other values of the same bytes are refused, not passed over.
begin;
select plan(5);
select throws_ok($$select govern.store_config('00', 'x', '{}')$$, 'MQ231', null, 'another hash');
select govern.store_config(fixtures.config_sha256('x'), 'x', '{"a": 1}'), govern.store_config(fixtures.config_sha256('x'), 'x', '{"a": 1.0}');
select results_eq('select v.body, v.parsed from govern.config_versions as v', $$values ('x'::bytea, '{"a": 1}'::jsonb)$$, 'once');
select throws_ok($$select govern.store_config(fixtures.config_sha256('x'), 'x', '{"a": 2}')$$, 'MQ231',
    'the configuration''s values are not those kept for these bytes', 'other values of the same bytes');
select results_eq('select v.parsed from govern.config_versions as v', $$values ('{"a": 1}'::jsonb)$$, 'the first stay');
select is(govern.pinned_config(), null, 'nothing is pinned by it');
select * from finish();
rollback;

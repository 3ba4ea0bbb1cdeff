-- Proves: what is approved of a configuration is its hash, values and limits.
begin;
select plan(1);
select is(govern.config_content('a', '{"x": 1}', '[]'), '{"config_sha256": "a", "parsed": {"x": 1}, "limits": []}'::jsonb, 'all three');
select * from finish();
rollback;

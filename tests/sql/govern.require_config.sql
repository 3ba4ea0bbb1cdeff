-- Proves: I20: bytes have the hash that is given for them, and values that are a document.
begin;
select plan(4);
select throws_ok($$select govern.require_config('00', 'x', '{}')$$, 'MQ231', null, 'another hash');
select throws_ok($$select govern.require_config(fixtures.config_sha256('x'), 'x', '[]')$$, 'MQ231', null, 'values that are none');
select throws_ok($$select govern.require_config(null, 'x', '{}')$$, 'MQ231', null, 'no hash');
select lives_ok($$select govern.require_config(fixtures.config_sha256('x'), 'x', '{}')$$, 'its own');
select * from finish();
rollback;

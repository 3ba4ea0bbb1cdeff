-- Proves: I17, I20: finite, known, once each; nothing is written that is there already.
begin;
select plan(7);
select fixtures.pin();
select is(govern.add_file_limits(fixtures.config_sha256(), fixtures.limits(), 'again'), 0, 'nothing new');
select is(govern.add_file_limits(fixtures.config_sha256(), jsonb_set(fixtures.limits(), '{0,threshold}', '9'), 'changed'), 1, 'one changed');
select is((select max(l.version) from govern.limits as l where l.limit_name = 'order_value'), 2, 'as a new version');
select throws_ok($$select govern.add_file_limits(fixtures.config_sha256(), fixtures.limits() || fixtures.limits(), 'x')$$, 'MQ233', null, 'a limit twice');
select throws_ok($$select govern.add_file_limits(fixtures.config_sha256(), jsonb_set(fixtures.limits(), '{0,threshold}', '"NaN"'), 'x')$$, 'MQ233', null, 'NaN');
select throws_ok($$select govern.add_file_limits(fixtures.config_sha256(), jsonb_set(fixtures.limits(), '{0,threshold}', 'null'), 'x')$$, 'MQ233', null, 'NULL');
select throws_ok($$select govern.add_file_limits(fixtures.config_sha256(), '[{"limit": "x"}]', 'x')$$, 'MQ204', null, 'an unknown key');
select * from finish();
rollback;

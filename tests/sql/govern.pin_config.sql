-- Proves: I20: the database hashes the bytes itself; idempotent; loosening is refused on a real database.
begin;
select plan(15);
select ops.advance_clock('2013-02-27 22:00Z');
set local role fund_operator;
select is(fixtures.pin(), true, 'pinned');
select is(fixtures.pin(), false, 'again changes nothing');
reset role;
select is(govern.pinned_config(), fixtures.config_sha256(), 'in force');
select is((select count(*)::integer from govern.config_pins), 1, 'one pin');
select is((select convert_from(v.body, 'UTF8') from govern.config_versions as v), 'golden: 1', 'byte for byte');
select is((select count(*)::integer from govern.limits), jsonb_array_length(fixtures.limits()), 'a row per limit');
select throws_ok($$select govern.pin_config('00', 'x', '{}', fixtures.limits(), 'why')$$, 'MQ231', null, 'another hash than the bytes'' is refused');
select throws_ok($$select fixtures.pin('golden: 2', '[]')$$, 'MQ233', null, 'no limits is no configuration');
select is(fixtures.pin('golden: 2', jsonb_set(fixtures.limits(), '{2,threshold}', '0.2')), true, 'simulated: a looser limit is allowed');
select is(govern.effective_limit('name_concentration'), 0.2::double precision, 'and in force');
select is(fixtures.pin(), true, 'back to the first');
update ops.instances set kind = 'real';
select throws_ok($$select fixtures.pin('golden: 2', jsonb_set(fixtures.limits(), '{2,threshold}', '0.2'))$$, 'MQ232', null, 'real: a looser limit is refused');
select is(fixtures.pin('golden: 3', jsonb_set(fixtures.limits(), '{2,threshold}', '0.05')), true, 'real: a tighter one is not');
select throws_ok($$select govern.pin_config(fixtures.config_sha256('golden: 4'), 'golden: 4', '{"meta_brain": {"kelly_gamma": 1}}',
    jsonb_set(fixtures.limits(), '{2,threshold}', '0.05'), 'x')$$, 'MQ232', null, 'nor is a parameter that may loosen');
set local role fund_decider;
select throws_ok($$select fixtures.pin()$$, '42501', null, 'the decider pins nothing');
reset role;
select * from finish();
rollback;

-- Proves: I20: the newest pin is in force; NULL before the first.
begin;
select plan(3);
select is(govern.pinned_config(), null, 'none yet');
select fixtures.pin(), fixtures.pin('golden: 2');
select is(govern.pinned_config(), fixtures.config_sha256('golden: 2'), 'the newest');
select fixtures.pin();
select is(govern.pinned_config(), fixtures.config_sha256(), 'an earlier one pinned again');
select * from finish();
rollback;

-- Proves: I20: a configuration that loosens is kept and asked for, not pinned; one that does not has nothing to propose.
begin;
select plan(8);
select fixtures.desk_of_two();
set local session authorization fund_operator_ann;
select lives_ok('select fixtures.propose()', 'proposed');
select throws_ok($$select govern.propose_config(fixtures.config_sha256('golden: 3'), 'golden: 3', '{}', fixtures.limits(), 'why')$$,
    'MQ422', null, 'nothing is looser: config lock pins it');
select throws_ok($$select govern.propose_config('00', 'golden: 3', '{}', fixtures.looser(), 'why')$$, 'MQ231', null, 'another hash');
set local session authorization postgres;
select results_eq('select c.loosened, c.content ->> ''config_sha256'' from audit.change_requests as c',
    $$select '{name_concentration}'::text[], fixtures.config_sha256('golden: 2')$$, 'what and which');
select is(govern.pinned_config(), fixtures.config_sha256(), 'nothing changed');
select is((select convert_from(r.body, 'UTF8') from govern.change_requests as r), 'golden: 2', 'its file, byte for byte');
set local session authorization fund_operator_ann;
select govern.propose_config(fixtures.config_sha256('golden: 4'), 'golden: 4', '{"meta_brain": {"kelly_gamma": 9}}', fixtures.limits(), 'false');
select lives_ok($$select govern.propose_config(fixtures.config_sha256('golden: 4'), 'golden: 4', '{"meta_brain": {"kelly_gamma": 1}}',
    fixtures.limits(), 'true')$$, 'false values told of a file do not stand in the way of its true ones');
set local session authorization postgres;
select is((select count(*)::integer from govern.config_versions), 1, 'nothing is known of a file by its proposal');
select * from finish();
rollback;

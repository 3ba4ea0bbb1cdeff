-- Proves: I20, I24: a run leads to the numbers it was decided under; a set is kept once, for ever.
begin;
select plan(7);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select r.limits_sha256 from decide.cycle_runs as r), govern.limits_sha256(), 'the run names its set');
select is((select s.threshold from audit.cycles as c join audit.limit_sets as s on s.limits_sha256 = c.limits_sha256 where s.limit_name = 'var'),
    0.04::double precision, 'under which number: one join');
select is(govern.record_limits(), govern.limits_sha256(), 'again');
select is((select count(*)::integer from govern.limit_sets), 1, 'one row');
select govern.tighten_limit('var', 0.03, 'x');
select is(govern.record_limits(), govern.limits_sha256(), 'other numbers');
select is((select count(*)::integer from govern.limit_sets), 2, 'another row');
select throws_ok('update govern.limit_sets set limits = ''{}''', 'MQ211', null, 'it stays');
select * from finish();
rollback;

-- Proves: I20: a larger upper bound, a smaller lower bound and a turned bound are looser.
begin;
select plan(7);
select is(govern.loosened_limits(fixtures.limits()), '{}'::text[], 'nothing pinned, nothing looser');
select fixtures.pin();
select is(govern.loosened_limits(fixtures.limits()), '{}'::text[], 'equal is not looser');
select is(govern.loosened_limits('[{"limit_name": "var", "threshold": 0.041, "bound": "upper"}]'), '{var}'::text[], 'upper: larger');
select is(govern.loosened_limits('[{"limit_name": "min_quality", "threshold": 0.59, "bound": "lower"}]'), '{min_quality}'::text[], 'lower: smaller');
select is(govern.loosened_limits('[{"limit_name": "var", "threshold": 0.04, "bound": "lower"}]'), '{var}'::text[], 'turned');
select is(govern.loosened_limits('[{"limit_name": "var", "threshold": null, "bound": "upper"}]'), '{var}'::text[], 'not a number');
select govern.tighten_limit('var', 0.03, 'x');
select is(govern.loosened_limits(fixtures.limits()), '{}'::text[], 'what one person tightened is not the file''s');
select * from finish();
rollback;

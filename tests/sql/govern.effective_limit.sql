-- Proves: I17, I20: the stricter of file and tightened rows; NULL where the pinned file has none.
begin;
select plan(6);
select is(govern.effective_limit('var'), null, 'nothing pinned: NULL');
select fixtures.pin();
select is(govern.effective_limit('var'), 0.04::double precision, 'the file''s');
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
values
('var', 2, fixtures.config_sha256(), 0.03, 'upper', 'fraction_of_nav', 'SCALE', 'tightened', 'A9', 'nervous', now()),
('min_quality', 2, fixtures.config_sha256(), 0.5, 'lower', 'score', 'BLOCK', 'tightened', 'D12', 'not tighter', now());
select is(govern.effective_limit('var'), 0.03::double precision, 'a tightened row');
select is(govern.effective_limit('min_quality'), 0.6::double precision, 'a looser row does not loosen');
select fixtures.pin('golden: 2', jsonb_set(fixtures.limits(), '{2,threshold}', '0.09'));
select is(govern.effective_limit('var'), 0.03::double precision, 'a tightened row outlives a new file');
select fixtures.pin('golden: 3', fixtures.limits() - 12);
select is(govern.effective_limit('var'), null, 'a file without the limit: NULL, whatever else there is');
select * from finish();
rollback;

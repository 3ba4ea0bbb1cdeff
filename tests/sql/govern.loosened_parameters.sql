-- Proves: I20: what cannot be shown to be stricter counts as looser: unknown directions, new and missing parameters.
begin;
select plan(11);
create function pg_temp.pin(p jsonb) returns boolean language sql as $$
    select govern.pin_config(fixtures.config_sha256(p::text), convert_to(p::text, 'UTF8'), p, fixtures.limits(), 'x')
$$;
select is(govern.loosened_parameters('{"risk": {"var_limit": 1}}'), '{}'::text[], 'nothing pinned, nothing looser');
select pg_temp.pin('{"risk": {"var_limit": 0.04, "ewma_lambda": 0.94}, "data": {"min_quality": 0.6}, "auction": {"allow_short": false}, "accounts": {"defaults": []}}');
create function pg_temp.with(p_path text[], p_value jsonb) returns text[] language sql as $$
    select govern.loosened_parameters(jsonb_set((select v.parsed from govern.config_versions as v), p_path, p_value))
$$;
select is(pg_temp.with('{risk,var_limit}', '0.04'), '{}'::text[], 'equal');
select is(pg_temp.with('{risk,var_limit}', '0.03'), '{}'::text[], 'lower is stricter');
select is(pg_temp.with('{risk,var_limit}', '0.041'), '{risk.var_limit}'::text[], 'higher is looser');
select is(pg_temp.with('{data,min_quality}', '0.5'), '{data.min_quality}'::text[], 'lower is looser');
select is(pg_temp.with('{auction,allow_short}', 'true'), '{auction.allow_short}'::text[], 'switched on');
select is(pg_temp.with('{accounts,defaults}', '[1]'), '{}'::text[], 'no value lets more through');
select is(pg_temp.with('{risk,ewma_lambda}', '0.93'), '{risk.ewma_lambda}'::text[], 'nobody knows which way is stricter');
select is(pg_temp.with('{risk,var_limit}', '"0.01"'), '{risk.var_limit}'::text[], 'not a number');
select is(govern.loosened_parameters('{"risk": {"var_limit": 0.04, "ewma_lambda": 0.94, "new": 1}, "data": {"min_quality": 0.6}, "auction": {"allow_short": false}, "accounts": {"defaults": []}}'),
    '{risk.new}'::text[], 'a new one');
select is(govern.loosened_parameters('{"risk": {"ewma_lambda": 0.94}, "data": {"min_quality": 0.6}, "auction": {"allow_short": false}, "accounts": {"defaults": []}}'),
    '{risk.var_limit}'::text[], 'a missing one');
select * from finish();
rollback;

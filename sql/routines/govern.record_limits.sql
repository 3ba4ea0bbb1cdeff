-- govern.record_limits(): keeps the limits in force as a set known by its digest, once, and returns the digest (I20, I24).
-- Called by: decide.open_cycle, which checked the pin. Raises: nothing.
create or replace function govern.record_limits()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into govern.limit_sets (limits_sha256, config_sha256, limits)
    select govern.limits_sha256(), govern.pinned_config(), coalesce(jsonb_object_agg(e.limit_name, jsonb_build_object(
        'threshold', e.threshold, 'bound', e.bound, 'source', e.source, 'version', e.version
    )), '{}')
    from govern.effective_limits as e
    on conflict (limits_sha256) do nothing;
    select govern.limits_sha256()
$$;
comment on function govern.record_limits() is 'Keeps the limits in force as a row of govern.limit_sets; its digest.';

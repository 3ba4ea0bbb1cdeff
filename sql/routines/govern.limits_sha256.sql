-- govern.limits_sha256(): one digest of the numbers in force: the pinned configuration's hash and every effective limit.
-- Why: a change is approved over certain numbers, and a run was decided under certain numbers: both name them by this.
-- Called by: govern.record_limits, govern.propose_change, govern.approve_change, govern.use_approval, `config lock`.
-- Raises: nothing.
create or replace function govern.limits_sha256()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    select encode(sha256(convert_to(jsonb_build_object(
        'config_sha256', govern.pinned_config(),
        'limits', jsonb_object_agg(e.limit_name, jsonb_build_array(e.threshold, e.bound, e.source, e.version))
    )::text, 'UTF8')), 'hex')
    from govern.effective_limits as e
$$;
comment on function govern.limits_sha256() is 'SHA-256 of the pinned configuration''s hash and the limits in force, hexadecimal.';

-- govern.store_config(sha256, body, parsed): keeps a configuration byte for byte, once, under the hash the database computes.
-- Why: the same bytes have the same values: other ones mean that now or then something else was told than the file says. What
-- was kept first stays, append-only, so the file needs a hash of its own.
-- Called by: govern.pin_config. Raises: MQ231, MQ311.
create or replace function govern.store_config(p_sha256 text, p_body bytea, p_parsed jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform govern.require_config(p_sha256, p_body, p_parsed);
    insert into govern.config_versions (config_sha256, body, parsed, recorded_by)
    values (p_sha256, p_body, p_parsed, session_user)
    on conflict (config_sha256) do nothing;
    if exists (select 1 from govern.config_versions as v where v.config_sha256 = p_sha256 and v.parsed <> p_parsed) then
        raise exception using errcode = 'MQ231', message = 'the configuration''s values are not those kept for these bytes',
            detail = 'config_sha256=' || p_sha256,
            hint = 'change a comment of the file, which gives it a hash of its own, then python -m runner config lock';
    end if;
end;
$$;
comment on function govern.store_config(text, bytea, jsonb) is
'Keeps a configuration''s bytes and values under their hash. Raises MQ231, MQ311.';

-- govern.store_config(sha256, body, parsed): keeps a configuration byte for byte, once, under the hash the database computes.
-- Called by: govern.pin_config, govern.propose_config. Raises: MQ231.
create or replace function govern.store_config(p_sha256 text, p_body bytea, p_parsed jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sha256 constant text := encode(sha256(p_body), 'hex');
begin
    if v_sha256 is distinct from p_sha256 or jsonb_typeof(p_parsed) is distinct from 'object' then
        raise exception using errcode = 'MQ231', message = 'the configuration''s bytes do not have the hash given',
            detail = format('computed=%s given=%s', v_sha256, p_sha256), hint = 'python -m runner config lock';
    end if;
    insert into govern.config_versions (config_sha256, body, parsed, recorded_by)
    values (v_sha256, p_body, p_parsed, session_user)
    on conflict (config_sha256) do nothing;
end;
$$;
comment on function govern.store_config(text, bytea, jsonb) is 'Keeps a configuration''s bytes under their hash. Raises MQ231.';

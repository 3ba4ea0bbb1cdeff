-- govern.require_config(sha256, body, parsed): a configuration's bytes have the hash given, and its values are a document.
-- Called by: govern.store_config, govern.propose_config. Raises: MQ231.
create or replace function govern.require_config(p_sha256 text, p_body bytea, p_parsed jsonb)
returns void
language plpgsql
immutable
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
end;
$$;
comment on function govern.require_config(text, bytea, jsonb) is
'Refuses a configuration whose bytes have another hash than the one given. Raises MQ231.';

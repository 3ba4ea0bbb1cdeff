-- govern.config_content(sha256, parsed, limits): what is proposed, approved and used of a configuration: one form of it.
-- Called by: govern.propose_config, govern.use_approval. Raises: nothing.
create or replace function govern.config_content(p_sha256 text, p_parsed jsonb, p_limits jsonb)
returns jsonb
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object('config_sha256', p_sha256, 'parsed', p_parsed, 'limits', p_limits)
$$;
comment on function govern.config_content(text, jsonb, jsonb) is 'The content of a change request of kind config.';

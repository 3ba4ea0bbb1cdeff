-- govern.propose_config(sha256, body, parsed, limits, reason, effective from, valid hours): proposes a configuration.
-- What: the request keeps the file byte for byte, pinned by nobody yet; the content is its hash with the values and limits made
-- from it.
-- Why: approved, it is pinned by the next `config lock` with that very file: file, hash and pin must agree at every instant, and
-- only a process that has the file can bring that about (I20).
-- Called by: `config lock` as an operator's own login. Returns the request's number. Raises: MQ231, MQ311, MQ420, MQ422.
create or replace function govern.propose_config(
    p_sha256 text, p_body bytea, p_parsed jsonb, p_limits jsonb, p_reason text, p_effective_from timestamptz default null,
    p_valid_hours integer default 72
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_loosened constant text[] := govern.loosened_limits(p_limits) || govern.loosened_parameters(p_parsed);
begin
    perform govern.require_config(p_sha256, p_body, p_parsed);
    return govern.propose_change(
        'config',
        case when v_loosened <> '{}' then govern.config_content(p_sha256, p_parsed, p_limits) end,
        v_loosened, p_reason, p_effective_from, p_valid_hours, p_body
    );
end;
$$;
comment on function govern.propose_config(text, bytea, jsonb, jsonb, text, timestamptz, integer) is
'Proposes a configuration that loosens something; the request''s number. Raises MQ231, MQ311, MQ420, MQ422.';

-- audit.read_payload(payload): the event a payload of the log says, as JSON; NULL where its bytes are none.
-- Why: whoever rewrites a row with its hash may leave any bytes there. Not UTF-8, no JSON, a number past all bounds, brackets
-- deeper than the server follows: each is a finding of the verifier, never its error.
-- Called by: audit.verify_chain. Raises: nothing.
create or replace function audit.read_payload(p_payload bytea)
returns jsonb
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return convert_from(p_payload, 'UTF8')::jsonb;
exception
    when data_exception or program_limit_exceeded then
        return null;
end;
$$;
comment on function audit.read_payload(bytea) is
'The event a payload of the log says, as JSON; NULL where its bytes are no UTF-8 or no JSON the server can hold.';

-- decide.cycle_key_id(key…): the id of a cycle, a digest of its key: the same on every machine and under every setting.
-- Why: what is derived from it (client order ids, I1) must not differ between two databases. The key is written as a JSON array,
-- so that no value can run into the next one.
-- Called by: decide.open_cycle. Raises: nothing.
create or replace function decide.cycle_key_id(
    p_account text, p_mode text, p_strategy text, p_as_of_session date, p_slot text, p_config_sha256 text
)
returns text
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select left(encode(sha256(convert_to(
        to_jsonb(array[
            p_account, p_mode, p_strategy, to_char(p_as_of_session::timestamp, 'YYYY-MM-DD'), p_slot, p_config_sha256
        ])::text, 'UTF8'
    )), 'hex'), 32)
$$;
comment on function decide.cycle_key_id(text, text, text, date, text, text) is
'First 32 hexadecimal digits of the SHA-256 of a cycle''s key, written as a JSON array of texts.';

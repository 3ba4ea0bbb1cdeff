-- ops.utc_text(instant): an instant as ISO 8601 text in UTC, microseconds, independent of TimeZone and DateStyle.
-- Why: whatever is hashed must read the same in every session (I22: the text of a hash changed with TimeZone, measured).
-- Called by: audit.append, audit.verify_chain, decide.close_run. Raises: nothing.
create or replace function ops.utc_text(p_instant timestamptz)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
comment on function ops.utc_text(timestamptz) is
'The instant as ISO 8601 text in UTC with microseconds, the same in every session.';

-- govern.effective_limit(name): the number of a limit in force; NULL where there is none, and the caller refuses (I17, I20).
-- Called by: the gate, layers, trade's checks. Raises: nothing.
create or replace function govern.effective_limit(p_limit_name text)
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select e.threshold from govern.effective_limits as e where e.limit_name = p_limit_name
$$;
comment on function govern.effective_limit(text) is
'The stricter of the pinned configuration''s number and every tightened one; NULL where the limit is missing: refuse.';

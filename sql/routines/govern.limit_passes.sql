-- govern.limit_passes(observed, threshold): whether a number is at or below an upper limit, as true or false.
-- Why: three-valued logic once, here: NULL, NaN and infinity on either side refuse (I17). numeric sorts NaN above everything, so
-- "NaN >= x" would pass where it must not. Exact, no tolerance: the runner truncates quantities (F14).
-- Called by: govern.limit_*. Raises: nothing.
create or replace function govern.limit_passes(p_observed numeric, p_threshold numeric)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select (p_observed > '-Infinity' and p_threshold < 'Infinity' and p_observed <= p_threshold) is true
$$;
comment on function govern.limit_passes(numeric, numeric) is
'True where observed <= threshold and both are finite numbers, else false; never NULL (I17).';

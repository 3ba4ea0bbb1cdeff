-- govern.is_within(observed, threshold): whether a statistic is at or below an upper limit, as true or false.
-- Why: govern.limit_passes for double precision: NULL, NaN and infinity on either side are above (I17), and no cast rounds the
-- last digits that the runner compared with.
-- Called by: govern.risk_events, govern.next_phase, the layers. Raises: nothing.
create or replace function govern.is_within(p_observed double precision, p_threshold double precision)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select (p_observed > '-Infinity' and p_threshold < 'Infinity' and p_observed <= p_threshold) is true
$$;
comment on function govern.is_within(double precision, double precision) is
'True where observed <= threshold and both are finite numbers, else false; never NULL (I17).';

-- govern.limit_upper(limits, name, observed): the finding of an upper limit.
-- Why: most limits are "at most so much": one place finds the threshold, compares and names what could not be read.
-- Called by: govern.limit_*. Raises: nothing.
create or replace function govern.limit_upper(p_limits jsonb, p_limit_name text, p_observed numeric)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        p_limit_name, v.passed, p_observed, v.threshold,
        case
            when v.passed then 'WITHIN'
            when v.threshold is null then 'LIMIT_UNKNOWN'
            when p_observed is null or p_observed in ('NaN', 'Infinity', '-Infinity') then 'INPUT_UNKNOWN'
            else 'ABOVE_LIMIT'
        end
    )::govern.limit_findings
    from (
        select t.threshold, govern.limit_passes(p_observed, t.threshold) as passed
        from (select (p_limits ->> p_limit_name)::numeric as threshold) as t
    ) as v
$$;
comment on function govern.limit_upper(jsonb, text, numeric) is
'The finding of one upper limit of a map name -> threshold; a missing limit or number does not pass.';

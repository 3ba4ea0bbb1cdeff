-- govern.propose_lift(limit, version, reason, effective from, valid hours): proposes that a tightened row shall no longer count.
-- Called by: `limits propose` as an operator's own login. Returns the request's number. Raises: MQ420, MQ422.
create or replace function govern.propose_lift(
    p_limit_name text, p_version integer, p_reason text, p_effective_from timestamptz default null,
    p_valid_hours integer default 72
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- No content where there is no such row any more: refused with the rest of what cannot be proposed.
    select govern.propose_change(
        'lift',
        (
            select jsonb_build_object('limit_name', l.limit_name, 'version', l.version)
            from govern.limits as l
            where l.limit_name = p_limit_name and l.version = p_version and l.source = 'tightened'
                and not exists (
                    select 1 from govern.approved_lifts as f where f.limit_name = l.limit_name and f.version = l.version
                )
        ),
        array[p_limit_name], p_reason, p_effective_from, p_valid_hours
    )
$$;
comment on function govern.propose_lift(text, integer, text, timestamptz, integer) is
'Proposes to take a tightened row back; the request''s number. Raises MQ420, MQ422.';

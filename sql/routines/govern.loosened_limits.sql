-- govern.loosened_limits(config, limits): which of these limits are looser than the pinned configuration's.
-- Why: loosening takes two people (I20); this is the comparison, the rule about people stands with its callers. A limit that a
-- new file leaves out is not looser: whoever asks for it refuses. A bound that changes its direction is.
-- Called by: govern.pin_config, govern.propose_config. Raises: nothing.
create or replace function govern.loosened_limits(p_limits jsonb)
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with pinned as (
        select distinct on (l.limit_name) l.limit_name, l.threshold, l.bound
        from govern.limits as l
        where l.source = 'file' and l.config_sha256 = govern.pinned_config()
        order by l.limit_name, l.version desc
    )

    select coalesce(array_agg(p.limit_name order by p.limit_name), '{}')
    from pinned as p
        inner join jsonb_to_recordset(p_limits) as n (limit_name text, threshold double precision, bound text)
            on p.limit_name = n.limit_name
    where (
        n.bound = p.bound and case p.bound when 'upper' then n.threshold <= p.threshold else n.threshold >= p.threshold end
    ) is not true
$$;
comment on function govern.loosened_limits(jsonb) is
'Names of the given limits that are looser than those of the pinned configuration.';

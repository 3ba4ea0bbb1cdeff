-- govern.loosened_parameters(parsed): which parameters of a configuration may let more through than the pinned one's.
-- Why: the limits SQL enforces are not all that sizes a bet. Whether a change is stricter is known for the parameters of
-- govern.parameter_directions; a change of any other, a new one or a missing one counts as looser: two people look at it.
-- Called by: govern.pin_config, govern.propose_config. Raises: nothing.
create or replace function govern.loosened_parameters(p_parsed jsonb)
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with before as (
        select s.key || '.' || k.key as path, k.value
        from govern.config_versions as v, jsonb_each(v.parsed) as s, jsonb_each(s.value) as k
        where v.config_sha256 = govern.pinned_config()
    ),

    after as (
        select s.key || '.' || k.key as path, k.value from jsonb_each(p_parsed) as s, jsonb_each(s.value) as k
    ),

    changed as (
        select path, b.value as before, a.value as after, d.stricter
        from before as b
            full join after as a using (path)
            left join govern.parameter_directions as d using (path)
        where b.value is distinct from a.value and govern.pinned_config() is not null
    ),

    final as (
        select c.path
        from changed as c
        where case
            when c.stricter = 'any' then true
            when c.stricter = 'false' then c.after = 'false'
            when jsonb_typeof(c.before) = 'number' and jsonb_typeof(c.after) = 'number' then case c.stricter
                when 'lower' then (c.after #>> '{}')::numeric <= (c.before #>> '{}')::numeric
                when 'higher' then (c.after #>> '{}')::numeric >= (c.before #>> '{}')::numeric
            end
        end is not true
    )

    select coalesce(array_agg(f.path order by f.path collate "C"), '{}') from final as f
$$;
comment on function govern.loosened_parameters(jsonb) is
'Paths of the parameters of a configuration that are, or may be, looser than the pinned one''s.';

-- govern.add_file_limits(config, limits, reason): writes the limits of a configuration as rows, where they are not there already.
-- limits: array of {limit_name, threshold, bound, unit, action, ruling}; each name once. Returns the rows added.
-- Called by: govern.pin_config, which holds the lock `orders`. Raises: MQ204, MQ233.
create or replace function govern.add_file_limits(p_config_sha256 text, p_limits jsonb, p_reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_added integer;
begin
    perform ops.refuse_unknown_keys(p_limits, array['limit_name', 'threshold', 'bound', 'unit', 'action', 'ruling']);
    if jsonb_array_length(p_limits) = 0 or exists (
        select 1
        from jsonb_to_recordset(p_limits) as n (limit_name text, threshold double precision, bound text)
        group by n.limit_name
        having count(*) > 1 or n.limit_name is null
            or not bool_and((n.threshold >= 0 and n.threshold < 'Infinity' and n.bound in ('upper', 'lower')) is true)
    ) then
        raise exception using errcode = 'MQ233', message = 'the configuration''s limits are empty, repeated or malformed',
            detail = 'config_sha256=' || p_config_sha256, hint = 'python -m runner config verify';
    end if;
    insert into govern.limits (
        limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, author, effective_from
    )
    select
        n.limit_name,
        coalesce((select max(v.version) from govern.limits as v where v.limit_name = n.limit_name), 0) + 1,
        p_config_sha256, n.threshold, n.bound, n.unit, n.action, 'file', n.ruling, p_reason, session_user, ops.now()
    from jsonb_to_recordset(p_limits)
        as n (limit_name text, threshold double precision, bound text, unit text, action text, ruling text)
        left join lateral (
            select l.threshold, l.bound, l.unit, l.action, l.ruling
            from govern.limits as l
            where l.limit_name = n.limit_name and l.source = 'file' and l.config_sha256 = p_config_sha256
            order by l.version desc
            limit 1
        ) as k on true
    where (k.threshold, k.bound, k.unit, k.action, k.ruling) is distinct from (n.threshold, n.bound, n.unit, n.action, n.ruling)
    order by n.limit_name;
    get diagnostics v_added = row_count;
    return v_added;
end;
$$;
comment on function govern.add_file_limits(text, jsonb, text) is
'Adds rows for the limits of a configuration that are not stored like that yet; returns how many. Raises MQ204, MQ233.';

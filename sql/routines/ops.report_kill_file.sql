-- ops.report_kill_file(host, present): what the process of a host sees of its kill file becomes that host's row (I14).
-- Why: only that host's process sets and clears it. An unchanged report takes no lock, because processes report every second.
-- Called by: the runner before a cycle, sync. Returns true where the report changed the source. Raises: MQ220, MQ221.
create or replace function ops.report_kill_file(p_host text, p_present boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(p_host, '') = '' or p_present is null then
        raise exception using errcode = 'MQ221', message = 'a report of a kill file names its host and whether the file is there',
            detail = format('host=%s present=%s', p_host, p_present), hint = 'correct the caller';
    end if;
    if p_present = exists (select 1 from ops.kill_sources as s where s.source = 'file' and s.host = p_host) then
        return false;
    end if;
    if p_present then
        return ops.engage_kill_switch('kill file on ' || p_host, 'file', p_host);
    end if;
    return ops.release_kill_source('file', p_host, 'kill file gone on ' || p_host);
end;
$$;
comment on function ops.report_kill_file(text, boolean) is
'Sets or clears the kill source of a host''s file; true where that changed it. Raises MQ220, MQ221.';

-- ops.clear_kill_source(source, host, reason): an operator clears one kill source; the others stay engaged (I14).
-- Why: a file is cleared by the process of its host only, when the file is gone; a broken chain is not cleared while it is
-- broken.
-- Called by: fund_operator. Returns true where it was engaged. Raises: MQ220, MQ221, MQ222, MQ223.
create or replace function ops.clear_kill_source(p_source text, p_host text, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chain record;
begin
    if p_source = 'file' then
        raise exception using errcode = 'MQ222', message = 'a kill file is cleared by the process of its host only',
            detail = 'host=' || coalesce(p_host, ''),
            hint = 'remove the file there; python -m runner resume --check reports it gone';
    end if;
    if coalesce(p_reason, '') = '' or p_source is null or p_source not in ('row', 'loss', 'cvar', 'audit', 'orphan')
        or coalesce(p_host, '') <> '' then
        raise exception using errcode = 'MQ221',
            message = 'clearing names its reason and a source: row, loss, cvar, audit or orphan',
            detail = format('source=%s host=%s reason=%s', p_source, p_host, p_reason),
            hint = 'python -m runner resume --clear row --reason "…"';
    end if;
    if p_source = 'audit' then
        select c.intact, c.broken_seq, c.problem into v_chain from audit.verify_chain() as c;
        if v_chain.intact is not true then
            raise exception using errcode = 'MQ223', message = 'the audit chain does not verify',
                detail = format('seq=%s problem=%s', v_chain.broken_seq, v_chain.problem),
                hint = 'python -m runner audit verify';
        end if;
    end if;
    return ops.release_kill_source(p_source, '', p_reason);
end;
$$;
comment on function ops.clear_kill_source(text, text, text) is
'Clears one kill source other than file; true where it was engaged. Raises MQ220, MQ221, MQ222, MQ223.';

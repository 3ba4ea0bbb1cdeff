-- ref.load_providers(rows): registers the sources of bars, an array of {provider, priority, price_basis, price_kind,
-- delay_minutes, description}.
-- Why: election, known_at and price basis of every bar follow from its source's row, so a row that stored bars rest on cannot
-- change under them: only its description may (a different basis or priority is a new provider).
-- Called by: runner/ingest.py as fund_ingestor, at every ingest. Raises: MQ103.
create or replace function ref.load_providers(p_providers jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changed text;
    v_count integer;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    select p.provider into v_changed
    from jsonb_to_recordset(p_providers)
            as g (provider text, priority integer, price_basis text, price_kind text, delay_minutes integer)
        join ref.providers as p on p.provider = g.provider
    where (g.priority, g.price_basis, g.price_kind, g.delay_minutes)
        is distinct from (p.priority, p.price_basis, p.price_kind, p.delay_minutes)
        and exists (select 1 from market.ingest_batches as b where b.provider = p.provider)
    order by 1 limit 1;
    if v_changed is not null then
        raise exception using errcode = 'MQ103',
            message = 'a provider that bars came from cannot change its priority, basis, kind or delay',
            detail = 'provider=' || v_changed, hint = 'register the changed source under a new name in runner/providers/';
    end if;
    insert into ref.providers as p (provider, priority, price_basis, price_kind, delay_minutes, description)
    select g.provider, g.priority, g.price_basis, g.price_kind, g.delay_minutes, g.description
    from jsonb_to_recordset(p_providers) as g (
            provider text, priority integer, price_basis text, price_kind text, delay_minutes integer, description text
        )
    on conflict (provider) do update set
        priority = excluded.priority, price_basis = excluded.price_basis, price_kind = excluded.price_kind,
        delay_minutes = excluded.delay_minutes, description = excluded.description
    where (p.priority, p.price_basis, p.price_kind, p.delay_minutes, p.description)
        is distinct from
        (excluded.priority, excluded.price_basis, excluded.price_kind, excluded.delay_minutes, excluded.description);
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function ref.load_providers(jsonb) is
'Registers sources of bars; returns the rows added or changed. Raises MQ103 where stored bars rest on what would change.';

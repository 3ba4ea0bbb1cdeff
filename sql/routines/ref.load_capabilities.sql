-- ref.load_capabilities(rows): which asset classes a source asked over the network can be asked for, in which order and how far
-- back: an array of {provider, asset_class, priority, history_days_max, requires_entitlement}.
-- Why: the router asks by these rows (ruling F8), so what it did can be read beside what it was told. The array is the whole
-- table: a row it has not is removed.
-- Called by: runner/ingest.py as fund_ingestor, after ref.load_providers. Raises: MQ204 for a key no row has; a foreign key's
-- violation for a source that is not registered.
create or replace function ref.load_capabilities(p_capabilities jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    perform ops.refuse_unknown_keys(
        p_capabilities, array['provider', 'asset_class', 'priority', 'history_days_max', 'requires_entitlement']
    );
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    delete from ref.provider_capabilities as c
    where not exists (
            select 1 from jsonb_populate_recordset(null::ref.provider_capabilities, p_capabilities) as g where g = c
        );
    insert into ref.provider_capabilities
    select g.* from jsonb_populate_recordset(null::ref.provider_capabilities, p_capabilities) as g
    on conflict (provider, asset_class) do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function ref.load_capabilities(jsonb) is
'Makes ref.provider_capabilities what is given; returns the rows added or changed. Raises MQ204.';

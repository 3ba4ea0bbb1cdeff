-- govern.hold_relation(schema, relation): locks a table of dbt against every change of its rows and definition, until the
-- transaction ends; anything else than a table is left to govern.relation_fault, which refuses it.
-- Why: fund_gatekeeper may only select, and such a reader's lock lets an index with a function of dbt's be made between the look
-- and the reading; this mode lets nothing in but readers (I18). fund_owner can take it as a member of fund_transformer. A lock
-- reads no row and runs no code.
-- Called by: govern.read_relations, before the gatekeeper looks. Raises: nothing of its own.
create or replace function govern.hold_relation(p_schema text, p_relation text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select 1
        from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = p_schema and c.relname = p_relation and c.relkind = 'r'
    ) then
        execute format('lock table only %I.%I in share row exclusive mode', p_schema, p_relation);
    end if;
end;
$$;
comment on function govern.hold_relation(text, text) is
'Locks a table of dbt against change until the transaction ends; leaves anything that is no table alone.';

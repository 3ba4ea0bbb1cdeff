-- govern.relation_fault(schema, relation): why a relation of dbt must not be read; NULL where it may be.
-- Why: a view in its place ran its function with the rights of whoever read it (measured, I18). A plain table of fund_transformer
-- with columns of built-in types, without row security, rules, inheritance or virtual columns runs no code, and none of its own
-- expressions: the planner computes those of an index, of statistics and of a check while it plans, as the reader (measured: an
-- index over such a function became fund_gatekeeper, made this routine its invoker's, and at the next read was fund_owner).
-- It is locked first, so that it cannot be swapped between the look and the reading; govern.hold_relation has to have locked it
-- against an index or a constraint that comes in between.
-- Owner: fund_gatekeeper, which may select on quality and features and nothing else.
-- Called by: govern.read_quality, govern.read_features. Raises: nothing.
create or replace function govern.relation_fault(p_schema text, p_relation text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation pg_class;
begin
    begin
        execute format('lock table only %I.%I in access share mode', p_schema, p_relation);
    exception
        when undefined_table or invalid_schema_name then return 'MISSING';
        when wrong_object_type then return 'NOT_PLAIN';
        when insufficient_privilege then return 'NOT_READABLE';
    end;
    select c.* into v_relation
    from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = p_schema and c.relname = p_relation;
    if v_relation.relkind <> 'r' or v_relation.relrowsecurity or v_relation.relhasrules
        or exists (select 1 from pg_inherits as h where v_relation.oid in (h.inhrelid, h.inhparent)) then
        return 'NOT_PLAIN';
    end if;
    if v_relation.relowner <> (select r.oid from pg_roles as r where r.rolname = 'fund_transformer') then
        return 'WRONG_OWNER';
    end if;
    if exists (
        select 1
        from pg_index as x
        where x.indrelid = v_relation.oid and (x.indexprs is not null or x.indpred is not null)
    )
        or exists (select 1 from pg_statistic_ext as x where x.stxrelid = v_relation.oid and x.stxexprs is not null)
        or exists (select 1 from pg_constraint as x where x.conrelid = v_relation.oid and x.contype = 'c') then
        return 'NOT_PLAIN';
    end if;
    if exists (
        select 1
        from pg_attribute as a
            join pg_type as t on t.oid = a.atttypid
        where a.attrelid = v_relation.oid and a.attnum > 0 and not a.attisdropped
            and (t.typnamespace <> 'pg_catalog'::regnamespace or t.typtype <> 'b' or a.attgenerated <> '')
    ) then
        return 'NOT_PLAIN';
    end if;
    -- Its own lock, told by the transaction's: a process number is not the same everywhere (PostgreSQL in WebAssembly).
    if not exists (
        select 1
        from pg_locks as k
            join pg_locks as x on x.virtualtransaction = k.virtualtransaction
        where k.relation = v_relation.oid and k.mode = 'ShareRowExclusiveLock' and k.granted
            and k.database = (select d.oid from pg_database as d where d.datname = current_database())
            and x.transactionid = pg_current_xact_id()::xid and x.mode = 'ExclusiveLock' and x.granted
    ) then
        return 'NOT_HELD';
    end if;
    return null;
end;
$$;
comment on function govern.relation_fault(text, text) is
'NULL for a plain table of fund_transformer that govern.hold_relation holds; else MISSING, NOT_READABLE, NOT_PLAIN, '
'WRONG_OWNER or NOT_HELD.';
grant create on schema govern to fund_gatekeeper;
alter function govern.relation_fault(text, text) owner to fund_gatekeeper;
revoke create on schema govern from fund_gatekeeper;

-- What:      takes every privilege on our objects from every role of the fund, and dbt's default privileges.
-- Why:       a role's file in this folder is the whole truth about what it may do: what is not written there is gone.
-- Called by: deploy, as fund_owner, before the roles' files (its name sorts first). Safe to repeat; one transaction.
-- Raises:    nothing of its own.
do $reset$
declare
    c_ours constant text[] := array['ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit'];
    c_dbts constant text[] := array['staging', 'quality', 'features', 'mart'];
    c_roles constant text[] := array[
        'fund_gatekeeper',
        'fund_ingestor', 'fund_transformer', 'fund_decider', 'fund_broker', 'fund_notifier',
        'fund_operator', 'fund_analyst', 'fund_verifier', 'fund_monitor'
    ];
    v_all constant text := (select pg_catalog.string_agg(pg_catalog.quote_ident(r), ', ') from pg_catalog.unnest(c_roles) as r);
    v_readers constant text := (
        select pg_catalog.string_agg(pg_catalog.quote_ident(r), ', ') from pg_catalog.unnest(c_roles) as r
        where r <> 'fund_transformer'
    );
    v_schema text;
    v_routine regprocedure;
begin
    foreach v_schema in array c_ours loop
        execute pg_catalog.format('revoke all on schema %I from %s', v_schema, v_all);
        execute pg_catalog.format('revoke all on all tables in schema %I from %s', v_schema, v_all);
        execute pg_catalog.format('revoke all on all sequences in schema %I from %s', v_schema, v_all);
    end loop;
    -- Its own routines an owner keeps: fund_owner calls and checks fund_gatekeeper's as its member.
    for v_routine in
        select p.oid::regprocedure
        from pg_catalog.pg_proc as p
        inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
        cross join lateral pg_catalog.aclexplode(p.proacl) as a
        where n.nspname = any (c_ours) and a.grantee <> p.proowner and a.grantee = any (c_roles::regrole[])
        group by p.oid
    loop
        execute pg_catalog.format('revoke all on routine %s from %s', v_routine, (
            select pg_catalog.string_agg(pg_catalog.quote_ident(r), ', ')
            from pg_catalog.unnest(c_roles) as r
            inner join pg_catalog.pg_proc as p on p.oid = v_routine and p.proowner <> r::regrole
        ));
    end loop;
    -- What fund_transformer owns there it keeps: it is the owner. Readers lose what they had, and the defaults with it.
    foreach v_schema in array c_dbts loop
        execute pg_catalog.format('revoke all on schema %I from %s', v_schema, v_readers);
        execute pg_catalog.format('revoke all on all tables in schema %I from %s', v_schema, v_readers);
        execute pg_catalog.format(
            'alter default privileges for role fund_transformer in schema %I revoke all on tables from %s', v_schema, v_readers
        );
    end loop;
end
$reset$;

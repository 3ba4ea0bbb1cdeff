-- What:      who may connect, who may make temporary tables, and what PUBLIC loses.
-- Why:       a temporary table can shadow a relation (I18, I28), any role can take an advisory lock (I28), and any role can make
--            a large object, which it then owns (login roles own nothing, I28).
-- Called by: deploy, as the deployer (owner of the database or superuser), after the roles. Safe to repeat: an ACL is
--            changed only where it differs.
-- Raises:    nothing of its own.
do $bootstrap$
declare
    c_login constant text[] := array[
        'fund_ingestor', 'fund_transformer', 'fund_decider', 'fund_broker', 'fund_notifier',
        'fund_operator', 'fund_analyst', 'fund_verifier', 'fund_monitor'
    ];
    v_database constant text := pg_catalog.current_database();
    v_superuser constant boolean := (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user);
    v_role text;
    v_routine regprocedure;
begin
    if exists (
        select from pg_catalog.pg_database as d,
            pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) as a
        where d.datname = v_database and a.grantee = 0
    ) then
        execute pg_catalog.format('revoke all on database %I from public', v_database);
    end if;
    foreach v_role in array c_login loop
        if not exists (
            select from pg_catalog.pg_database as d, pg_catalog.aclexplode(d.datacl) as a
            where d.datname = v_database and a.grantee = v_role::regrole and a.privilege_type = 'CONNECT'
        ) then
            execute pg_catalog.format('grant connect on database %I to %I', v_database, v_role);
        end if;
    end loop;
    if not exists (
        select from pg_catalog.pg_database as d, pg_catalog.aclexplode(d.datacl) as a
        where d.datname = v_database and a.grantee = 'fund_transformer'::regrole and a.privilege_type = 'TEMPORARY'
    ) then
        execute pg_catalog.format('grant temporary on database %I to fund_transformer', v_database);
    end if;
    if exists (
        select from pg_catalog.pg_namespace as n,
            pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) as a
        where n.nspname = 'public' and a.grantee = 0
    ) then
        revoke all on schema public from public;
    end if;

    -- An owner's revoke of pg_catalog's functions is only a warning (measured): this is the superuser's to do.
    if v_superuser then
        for v_routine in
            select p.oid::regprocedure
            from pg_catalog.pg_proc as p,
                pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as a
            where
                p.pronamespace = 'pg_catalog'::regnamespace
                and (
                    p.proname like 'pg\_%advisory%'
                    or p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_put', 'lowrite', 'lo_truncate')
                )
                and a.grantee = 0
        loop
            execute pg_catalog.format('revoke execute on function %s from public', v_routine);
        end loop;
    end if;
end
$bootstrap$;

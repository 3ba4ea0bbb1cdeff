-- What:      the fund's roles, their attributes, and the memberships a kill needs.
-- Why:       one login role per duty (ARCHITECTURE 4); none of them is superuser, createrole, bypassrls or replication,
--            and nothing of ours is owned by a role that can log in (I28). No role can take every connection: whoever runs
--            away leaves room for the kill and for the books.
-- Called by: deploy, as the deployer: a superuser or a managed service's admin with createrole. Safe to repeat: roles are
--            cluster-wide, so a role is altered only where it differs (two databases may deploy at once).
-- Raises:    nothing of its own.
do $bootstrap$
declare
    c_roles constant text[] := array[
        'fund_owner', 'fund_gatekeeper',
        'fund_ingestor', 'fund_transformer', 'fund_decider', 'fund_broker', 'fund_notifier',
        'fund_operator', 'fund_analyst', 'fund_verifier', 'fund_monitor'
    ];
    c_connections_max constant integer := 24;
    c_without_login constant text[] := array['fund_owner', 'fund_gatekeeper'];
    v_role text;
    v_login boolean;
    v_superuser constant boolean := (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user);
    v_since_16 constant boolean := pg_catalog.current_setting('server_version_num')::integer >= 160000;
begin
    foreach v_role in array c_roles loop
        v_login := v_role <> all (c_without_login);
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute pg_catalog.format('create role %I %s', v_role, case when v_login then 'login' else 'nologin' end);
        end if;
        if exists (
            select from pg_catalog.pg_roles as r
            where r.rolname = v_role and (r.rolcanlogin <> v_login or r.rolcreaterole or r.rolcreatedb or not r.rolinherit)
        ) then
            execute pg_catalog.format(
                'alter role %I %s nocreaterole nocreatedb inherit', v_role, case when v_login then 'login' else 'nologin' end
            );
        end if;
        if v_login and exists (
            select from pg_catalog.pg_roles as r where r.rolname = v_role and r.rolconnlimit <> c_connections_max
        ) then
            execute pg_catalog.format('alter role %I connection limit %s', v_role, c_connections_max);
        end if;
        -- Only a superuser may speak of these three; an admin without that right cannot have set them either.
        if v_superuser and exists (
            select from pg_catalog.pg_roles as r
            where r.rolname = v_role and (r.rolsuper or r.rolbypassrls or r.rolreplication)
        ) then
            execute pg_catalog.format('alter role %I nosuperuser nobypassrls noreplication', v_role);
        end if;
    end loop;

    -- A deployer who is no superuser must be able to become the owner.
    if not v_superuser and not pg_catalog.pg_has_role(current_user, 'fund_owner', 'usage') then
        execute pg_catalog.format(
            'grant fund_owner to %I %s', current_user, case when v_since_16 then 'with inherit true, set true' else '' end
        );
    end if;

    -- I13: the kill routine ends sessions of login roles as fund_owner, which takes the *privileges* of the target role
    -- (pg_terminate_backend asks has_privs_of_role): inherit must be true; set role is refused where the server can.
    foreach v_role in array c_roles loop
        continue when v_role = any (c_without_login);
        if not exists (
            select from pg_catalog.pg_auth_members as m
            where m.roleid = v_role::regrole and m.member = 'fund_owner'::regrole
        ) then
            execute pg_catalog.format(
                'grant %I to fund_owner %s', v_role, case when v_since_16 then 'with inherit true, set false' else '' end
            );
        end if;
    end loop;

    -- I18: the reading half of the gate belongs to fund_gatekeeper. fund_owner makes it and hands it over at the end of the
    -- routine's file, and must be able to replace it at the next deploy: hence inherit. Nothing runs the other way.
    if not exists (
        select from pg_catalog.pg_auth_members as m
        where m.roleid = 'fund_gatekeeper'::regrole and m.member = 'fund_owner'::regrole
    ) then
        execute pg_catalog.format(
            'grant fund_gatekeeper to fund_owner %s', case when v_since_16 then 'with inherit true, set true' else '' end
        );
    end if;
end
$bootstrap$;

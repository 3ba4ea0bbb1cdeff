-- I28: every routine of ours pins its search_path (a temporary table shadowed the kill switch otherwise, measured), none
-- can be executed by PUBLIC, only an owner without login owns one, each is written in a language a deploy can check, and none
-- takes another role or passes triggers by a setting of its own.
with routines as (
    select
        p.oid, p.proconfig, p.prokind, p.proowner, p.proacl, p.prosecdef, p.oid::regprocedure::text as routine, l.lanname
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
    inner join pg_catalog.pg_language as l on p.prolang = l.oid
    where n.nspname in ('ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit')
)

select r.routine || ' does not pin search_path = pg_catalog, pg_temp' as violation
from routines as r
where
    -- An aggregate has no setting of its own: its transition functions have. An inlined SQL function would lose its
    -- inlining, and with it a kernel's speed: calc's may leave it out where its body is parsed at definition, but never one
    -- that runs with its owner's rights.
    r.prokind <> 'a'
    and not coalesce('search_path=pg_catalog, pg_temp' = any (r.proconfig), false)
    and (
        r.prosecdef
        or not exists (select from pg_catalog.pg_proc as p where p.oid = r.oid and p.prosqlbody is not null)
    )

union all
select r.routine || ' sets ' || s.setting
from routines as r
cross join lateral pg_catalog.unnest(r.proconfig) as s (setting)
where s.setting ~ '^(role|session_authorization|session_replication_role|row_security)='

union all
select r.routine || ' is written in ' || r.lanname
from routines as r
where r.prokind <> 'a' and r.lanname not in ('sql', 'plpgsql')

union all
select r.routine || ' can be executed by PUBLIC'
from routines as r
where exists (
    select from pg_catalog.aclexplode(coalesce(r.proacl, pg_catalog.acldefault('f', r.proowner))) as a where a.grantee = 0
)

union all
select r.routine || ' belongs to ' || r.proowner::regrole::text
from routines as r
where r.proowner::regrole::text not in ('fund_owner', 'fund_gatekeeper')

order by 1;

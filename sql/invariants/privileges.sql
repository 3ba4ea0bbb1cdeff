-- Grants, not manners, keep the seams (ARCHITECTURE 4): PUBLIC has nothing of ours; nobody but fund_owner may create in our
-- schemas; only fund_transformer makes temporary tables; tables of decide, trade and audit are written through routines.
with ours as (
    select n.oid, n.nspname, n.nspacl, n.nspowner
    from pg_catalog.pg_namespace as n
    where n.nspname in ('ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit')
),

relations as (
    select c.oid, o.nspname, c.oid::regclass::text as relation, a.grantee, a.privilege_type
    from pg_catalog.pg_class as c
    inner join ours as o on c.relnamespace = o.oid
    cross join lateral pg_catalog.aclexplode(c.relacl) as a
    where c.relkind in ('r', 'p', 'v', 'm', 'S')
)

select 'PUBLIC has ' || r.privilege_type || ' on ' || r.relation as violation
from relations as r
where r.grantee = 0

union all
select r.grantee::regrole::text || ' has ' || r.privilege_type || ' on ' || r.relation
from relations as r
where
    r.grantee <> 0
    and r.privilege_type <> 'SELECT'
    and r.grantee::regrole::text not in ('fund_owner', 'fund_history')
    -- The landing table: insert-only, a batch's rows are taken by a routine.
    and not (r.relation = 'market.bar_landing' and r.privilege_type = 'INSERT' and r.grantee = 'fund_ingestor'::regrole)

union all
select a.grantee::regrole::text || ' has ' || a.privilege_type || ' on schema ' || o.nspname
from ours as o
cross join lateral pg_catalog.aclexplode(o.nspacl) as a
where a.grantee <> o.nspowner and (a.grantee = 0 or a.privilege_type <> 'USAGE')

union all
select
    case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end || ' has ' || a.privilege_type || ' on the database'
from pg_catalog.pg_database as d
cross join lateral pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) as a
where
    d.datname = pg_catalog.current_database()
    and (
        a.grantee = 0
        or a.grantee <> d.datdba and a.privilege_type = 'TEMPORARY' and a.grantee <> 'fund_transformer'::regrole
    )

order by 1;

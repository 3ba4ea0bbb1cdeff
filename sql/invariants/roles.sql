-- I28: login roles are no superuser, createrole, createdb, bypassrls or replication, are members of nothing, and own
-- nothing but what fund_transformer builds in dbt's schemas. fund_history owns the hypertables and cannot connect. A person's
-- login role is a member of fund_operator and of nothing else, and a kill can end its sessions (I13). Each has a limit of
-- connections and default time-outs (I29: a convenience, no guard).
with roles as (
    select r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication, r.rolcanlogin,
        r.rolconnlimit
    from pg_catalog.pg_roles as r
    where r.rolname like 'fund\_%'
)

select r.rolname || ' has an attribute that goes around grants' as violation
from roles as r
where r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication

union all
select r.rolname || ' can log in'
from roles as r
where r.rolname in ('fund_owner', 'fund_gatekeeper') and r.rolcanlogin

union all
select r.rolname || ' can connect'
from roles as r
where r.rolname = 'fund_history' and r.rolconnlimit <> 0

union all
select r.rolname || ' may take any number of connections'
from roles as r
where r.rolcanlogin and r.rolconnlimit < 0

union all
select r.rolname || ' has no default of ' || t.name || ' in this database'
from roles as r
cross join (
    values ('statement_timeout', 0), ('lock_timeout', 0), ('idle_in_transaction_session_timeout', 0),
        ('transaction_timeout', 170000)
) as t (name, since)
where
    -- A person who was added in another database of the cluster gets theirs here with the next deploy.
    r.rolcanlogin and r.rolname <> 'fund_history' and r.rolname not like 'fund\_operator\_%'
    and pg_catalog.current_setting('server_version_num')::integer >= t.since
    and not exists (
        select from pg_catalog.pg_db_role_setting as s
        inner join pg_catalog.pg_database as d on s.setdatabase = d.oid and d.datname = pg_catalog.current_database()
        cross join pg_catalog.unnest(s.setconfig) as c (setting)
        where s.setrole = r.oid and c.setting like t.name || '=%' and c.setting <> t.name || '=0'
    )

union all
select r.rolname || ' is a member of ' || m.roleid::regrole::text
from roles as r
inner join pg_catalog.pg_auth_members as m on r.oid = m.member
where
    r.rolname <> 'fund_owner'
    and not (r.rolname like 'fund\_operator\_%' and m.roleid = 'fund_operator'::regrole and not m.admin_option)

union all
select 'a kill cannot end the sessions of ' || r.rolname
from roles as r
where
    r.rolname like 'fund\_operator\_%'
    and not exists (
        select from pg_catalog.pg_auth_members as m where m.roleid = r.oid and m.member = 'fund_owner'::regrole
    )

union all
select r.rolname || ' owns ' || c.oid::regclass::text
from roles as r
inner join pg_catalog.pg_class as c on r.oid = c.relowner
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    and not (r.rolname = 'fund_owner' and n.nspname in (
        'ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit'
    ))
    and not (r.rolname = 'fund_transformer' and n.nspname in ('staging', 'quality', 'features', 'mart'))
    -- A temporary relation of a running dbt session is fund_transformer's as well.
    and not (r.rolname = 'fund_transformer' and n.nspname like 'pg\_%temp\_%')
    and not (r.rolname = 'fund_history' and (n.nspname like '\_timescaledb\_%' or n.nspname in ('market', 'ops')))

union all
select 'schema ' || n.nspname || ' belongs to ' || n.nspowner::regrole::text
from pg_catalog.pg_namespace as n
where
    n.nspname in (
        'ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit',
        'staging', 'quality', 'features', 'mart'
    )
    and n.nspowner::regrole::text <> 'fund_owner'

order by 1;

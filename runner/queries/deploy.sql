-- What deploy asks of the catalog and of its own ledger. Everything that is applied stands in sql/.

-- name: server_version
select pg_catalog.current_setting('server_version') as version;

-- name: instance_of_fund
-- Whether this database was deployed before.
select pg_catalog.to_regclass('ops.deploys') is not null as deployed;

-- name: owner_of_ledger
-- fund_owner, unless a dump came into a cluster without the fund's roles: then whoever restored it owns everything.
select r.rolname from pg_catalog.pg_class as c inner join pg_catalog.pg_roles as r on c.relowner = r.oid
where c.oid = pg_catalog.to_regclass('ops.deploys');

-- name: lock_ledger
-- One deploy at a time: a table lock, because an advisory lock is anybody's to take (I28).
lock table ops.deploys, ops.deploy_ledger in exclusive mode;

-- name: become_owner
set local role fund_owner;

-- name: become_deployer
reset role;

-- name: settle_session
-- What deploy relies on whatever the server's defaults are.
select
    pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) as search_path,
    pg_catalog.set_config('statement_timeout', '0', true) as statement_timeout,
    pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true) as idle_timeout,
    pg_catalog.set_config('lock_timeout', '60s', true) as lock_timeout,
    pg_catalog.set_config('client_min_messages', 'warning', true) as client_min_messages;

-- name: pin_search_path
-- Names in the hash below are written as this path makes them.
select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) as search_path;

-- name: check_bodies_later
set local check_function_bodies = off;

-- name: ledger
select l.path, l.sha256 from ops.deploy_ledger as l order by l.path collate "C";

-- name: last_deploy
select d.deploy_id, d.runner_version, d.git_commit, d.server_version, d.timescaledb_version, d.catalog_sha256, d.deployed_at
from ops.deploys as d
order by d.deploy_id desc
limit 1;

-- name: catalog_sha256
-- One hash over everything deploy is responsible for: a hand-made change gives another one.
with schemas as (
    select n.oid, n.nspname, n.nspacl
    from pg_catalog.pg_namespace as n
    where n.nspname = any (%(schemas)s::text[])
),

facts (kind, fact) as (
    select 'schema', pg_catalog.concat_ws('|', s.nspname, s.nspacl) from schemas as s

    union all
    select 'routine', pg_catalog.concat_ws(
        '|', p.oid::regprocedure, p.proowner::regrole, p.proacl,
        case when p.prokind = 'a' then pg_catalog.concat_ws(
            '|', a.aggtransfn, a.aggfinalfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.agginitval
        ) else pg_catalog.pg_get_functiondef(p.oid) end
    )
    from pg_catalog.pg_proc as p
    inner join schemas as s on p.pronamespace = s.oid
    left join pg_catalog.pg_aggregate as a on p.oid = a.aggfnoid

    union all
    select 'relation', pg_catalog.concat_ws(
        '|', c.oid::regclass, c.relkind, c.relowner::regrole, c.relacl, c.relpersistence, c.relrowsecurity,
        case when c.relkind = 'v' then pg_catalog.pg_get_viewdef(c.oid) end
    )
    from pg_catalog.pg_class as c
    inner join schemas as s on c.relnamespace = s.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'S')

    union all
    select 'column', pg_catalog.concat_ws(
        '|', c.oid::regclass, t.attname, pg_catalog.format_type(t.atttypid, t.atttypmod), t.attnotnull, t.attacl, t.attidentity,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid)
    )
    from pg_catalog.pg_attribute as t
    inner join pg_catalog.pg_class as c on t.attrelid = c.oid
    inner join schemas as s on c.relnamespace = s.oid
    left join pg_catalog.pg_attrdef as d on t.attrelid = d.adrelid and t.attnum = d.adnum
    where c.relkind in ('r', 'p') and t.attnum > 0 and not t.attisdropped

    union all
    select 'constraint', pg_catalog.concat_ws('|', k.conrelid::regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid))
    from pg_catalog.pg_constraint as k
    inner join schemas as s on k.connamespace = s.oid

    union all
    select 'index', pg_catalog.pg_get_indexdef(i.indexrelid)
    from pg_catalog.pg_index as i
    inner join pg_catalog.pg_class as c on i.indrelid = c.oid
    inner join schemas as s on c.relnamespace = s.oid

    union all
    select 'trigger', pg_catalog.concat_ws('|', pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled)
    from pg_catalog.pg_trigger as g
    inner join pg_catalog.pg_class as c on g.tgrelid = c.oid
    inner join schemas as s on c.relnamespace = s.oid
    where not g.tgisinternal

    union all
    select 'default privileges', pg_catalog.concat_ws(
        '|', f.defaclrole::regrole, case when f.defaclnamespace <> 0 then f.defaclnamespace::regnamespace::text end,
        f.defaclobjtype, f.defaclacl
    )
    from pg_catalog.pg_default_acl as f

    union all
    select 'settings', pg_catalog.concat_ws('|', r.setrole::regrole, r.setconfig)
    from pg_catalog.pg_db_role_setting as r
    inner join pg_catalog.pg_database as d on r.setdatabase = d.oid
    where d.datname = pg_catalog.current_database() and r.setrole::regrole::text like 'fund\_%%'
        -- A person comes and goes between two deploys.
        and r.setrole::regrole::text not like 'fund\_operator\_%%'

    union all
    select 'database', d.datacl::text from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()
)

select pg_catalog.encode(
    pg_catalog.sha256(
        pg_catalog.convert_to(
            pg_catalog.string_agg(
                pg_catalog.concat_ws('|', f.kind, f.fact), E'\n' order by f.kind collate "C", f.fact collate "C"
            ), 'UTF8'
        )
    ), 'hex'
) as catalog_sha256
from facts as f;

-- name: dbt_tables
-- Tables dbt has made, which a migration may drop.
select pg_catalog.format('%%I.%%I', n.nspname, c.relname) as name
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
inner join pg_catalog.pg_roles as r on c.relowner = r.oid
where n.nspname = any (%(schemas)s::text[]) and c.relkind = 'r' and r.rolname = 'fund_transformer';

-- name: drop_views_statement
-- All views of some schemas in one statement, so that their order does not matter; null where there is none. Another
-- owner's (a continuous aggregate is fund_history's) stay.
select
    'drop view ' || pg_catalog.string_agg(pg_catalog.format('%%I.%%I', n.nspname, c.relname), ', ') as statement,
    pg_catalog.count(*) as views
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
inner join pg_catalog.pg_roles as r on c.relowner = r.oid
where n.nspname = any (%(schemas)s::text[]) and c.relkind = 'v' and r.rolname in ('fund_owner', 'fund_transformer');

-- name: routines
-- Every routine of our schemas and which version of its catalog row is in force; an extension's own are not ours.
select
    p.oid::bigint as oid,
    n.nspname || '.' || p.proname as name,
    p.oid::regprocedure::text as signature,
    pg_catalog.format(
        'drop %%s %%s', case when p.prokind = 'a' then 'aggregate' else 'routine' end, p.oid::regprocedure
    ) as drop_statement,
    p.xmin::text || p.ctid::text as version
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where
    n.nspname = any (%(schemas)s::text[])
    and not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
order by p.oid;

-- name: validate_bodies
-- Routines are made before the views they read; now everything is there, so every body is checked.
select
    p.oid::regprocedure::text as routine,
    case l.lanname
        when 'plpgsql' then pg_catalog.plpgsql_validator(p.oid)
        when 'sql' then pg_catalog.fmgr_sql_validator(p.oid)
    end as checked
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
inner join pg_catalog.pg_language as l on p.prolang = l.oid
where n.nspname = any (%(schemas)s::text[]) and l.lanname in ('plpgsql', 'sql');

-- name: check_bodies_now
set local check_function_bodies = on;

-- name: record_instance
-- Once, at the first deploy: a database is real or simulated for ever.
insert into ops.instances (kind) values (%(kind)s) on conflict do nothing;

-- name: instance_kind
select i.kind from ops.instances as i;

-- name: record_deploy
insert into ops.deploys (runner_version, git_commit, server_version, timescaledb_version)
values (
    %(runner_version)s, %(git_commit)s, pg_catalog.current_setting('server_version'),
    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb')
)
returning deploy_id;

-- name: record_files
insert into ops.deploy_ledger as l (path, sha256, deploy_id)
select f.path, f.sha256, %(deploy_id)s
from unnest(%(paths)s::text[], %(hashes)s::text[]) as f (path, sha256)
on conflict (path) do update set sha256 = excluded.sha256, deploy_id = excluded.deploy_id
where l.sha256 <> excluded.sha256;

-- name: forget_files
delete from ops.deploy_ledger as l where l.path = any (%(paths)s::text[]);

-- name: record_catalog
update ops.deploys as d set catalog_sha256 = %(catalog_sha256)s where d.deploy_id = %(deploy_id)s;

-- name: create_database_statement
-- Collation C: text is ordered by its bytes, on every machine alike.
select pg_catalog.format(
    'create database %%I template template0 encoding ''UTF8'' lc_collate ''C'' lc_ctype ''C''', %(name)s::text
) as statement;

-- name: set_password_statement
-- `verifier` is the SCRAM verifier: the password itself never reaches the server's log.
select pg_catalog.format('alter role %%I password %%L', %(role)s::text, %(verifier)s::text) as statement;

-- name: timescaledb_available
-- What sql/timescale/ would use, installed or not; a change of it is something to apply.
select (
    select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb'
) as version;

-- name: deployer_is_superuser
select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user;

-- name: weak_authentication
-- Ways in without SCRAM; only a superuser may look. With pg_hba's md5 a SCRAM verifier is asked by SCRAM.
select r.rolname || ' has a stored password that is no SCRAM verifier' as fault
from pg_catalog.pg_authid as r
where r.rolname like 'fund\_%%' and r.rolpassword not like 'SCRAM-SHA-256$%%'

union all
select pg_catalog.format(
    'pg_hba.conf, line %%s, lets %%s in by %%s', h.line_number, pg_catalog.array_to_string(h.user_name, ','), h.auth_method
)
from pg_catalog.pg_hba_file_rules as h
where
    h.auth_method in ('trust', 'password')
    and (h.user_name && array['all'] or exists (select from pg_catalog.unnest(h.user_name) as u where u like '%%fund\_%%'))
    and not h.database <@ array['replication'];

-- Proves: I28, I18: what bootstrap promises of roles, PUBLIC, temporary tables, advisory locks and default privileges.
begin;
select plan(23);
select bag_eq(
    $$select r.rolname::text from pg_catalog.pg_roles as r where r.rolname like 'fund\_%' and r.rolcanlogin
    and r.rolname <> 'fund_history' and r.rolname not like 'fund\_operator\_%'$$,
    array[
        'fund_ingestor', 'fund_transformer', 'fund_decider', 'fund_broker', 'fund_notifier', 'fund_operator',
        'fund_analyst', 'fund_verifier', 'fund_monitor'
    ],
    'one login role per duty'
);
select is_empty(
    $$select r.rolname from pg_catalog.pg_roles as r where r.rolname like 'fund\_%'
    and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication)$$,
    'none goes around grants'
);
select is_empty(
    $$select r.rolname from pg_catalog.pg_roles as r where r.rolname like 'fund\_%' and r.rolcanlogin
    and r.rolconnlimit not between 0 and 24$$,
    'none can take every connection'
);
select is_empty(
    $$select r.rolname, t.name from pg_catalog.pg_roles as r
    cross join (
        values ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout'), ('transaction_timeout')
    ) as t (name)
    where r.rolname like 'fund\_%' and r.rolcanlogin and r.rolname <> 'fund_history'
    and (t.name <> 'transaction_timeout' or current_setting('server_version_num')::integer >= 170000)
    and not exists (
        select from pg_catalog.pg_db_role_setting as s
        join pg_catalog.pg_database as d on s.setdatabase = d.oid and d.datname = current_database()
        cross join unnest(s.setconfig) as c (setting)
        where s.setrole = r.oid and c.setting ~ ('^' || t.name || '=[1-9]')
    )$$,
    'each has its time-outs, as defaults'
);
select ok(
    pg_has_role('fund_owner', r, 'usage'), 'fund_owner has the privileges of ' || r || ', so that a kill can end its sessions (I13)'
) from unnest(array['fund_decider', 'fund_broker', 'fund_analyst', 'fund_transformer']) as r;
select ok(not pg_has_role('fund_gatekeeper', 'fund_owner', 'usage'), 'the gatekeeper does not have its owner''s rights');
select is(
    (
        select string_agg(r.rolname, ',' order by r.rolname) from pg_catalog.pg_roles as r
        where r.rolname like 'fund\_%' and has_database_privilege(r.oid, current_database(), 'temporary')
        and r.rolname not in ('fund_owner', 'fund_history')
    ),
    'fund_transformer', 'only dbt makes temporary tables'
);
select ok(not has_database_privilege('fund_gatekeeper', current_database(), 'connect'), 'who has no login cannot connect');
select is_empty(
    $$select n.nspname from pg_catalog.pg_namespace as n,
    aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
    where a.grantee = 0 and n.nspname in (
        'ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit',
        'staging', 'quality', 'features', 'mart'
    )$$,
    'PUBLIC has no schema of ours'
);
set local role fund_owner;
create function ops.zz_probe() returns integer language sql immutable as 'select 1';
reset role;
select ok(
    not has_function_privilege('fund_analyst', 'ops.zz_probe()', 'execute'), 'a new routine is nobody''s to call (I28)'
);
set local role fund_analyst;
select throws_ok('select pg_advisory_lock(1)', '42501', null, 'no role takes an advisory lock');
select throws_ok($$select lo_from_bytea(0, 'x')$$, '42501', null, 'nor makes a large object, which it would own');
select throws_ok('select lo_create(0)', '42501', null, 'empty or not');
select throws_ok('create temporary table t ()', '42501', null, 'no role but dbt''s makes a temporary table');
select throws_ok('create table ops.t ()', '42501', null, 'nor a table of ours');
reset role;
select ok(not pg_has_role('fund_analyst', 'fund_owner', 'member'), 'nor can it become the owner');
set local role fund_transformer;
select lives_ok('create table features.zz_probe as select 1 as n', 'dbt builds in its schemas');
select throws_ok('create table market.zz_probe ()', '42501', null, 'and nowhere else');
select throws_ok('create schema zz_probe', '42501', null, 'nor makes a schema');
reset role;
select throws_ok(
    $$insert into ops.instances (kind) values ('real')$$, '23505', null, 'a database is one thing, for ever'
);
select * from finish();
rollback;

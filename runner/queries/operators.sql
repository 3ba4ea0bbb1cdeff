-- People as login roles.

-- name: make_role_statements
-- `verifier` is the SCRAM verifier: the password itself never reaches the server's log. A person has what fund_operator has, and
-- fund_owner what the person has, so that a kill can end the session (I13); neither may become the other.
with terms as (
    select case
        when pg_catalog.current_setting('server_version_num')::integer >= 160000 then 'with inherit true, set false' else ''
    end as how
)

select s.statement
from (
    select 1 as place, pg_catalog.format(
        'create role %%I nocreaterole nocreatedb inherit connection limit 8', %(role)s::text
    ) as statement
    where not exists (select from pg_catalog.pg_roles as r where r.rolname = %(role)s)

    union all
    select 2, pg_catalog.format('alter role %%I login password %%L', %(role)s::text, %(verifier)s::text)

    union all
    select 3, pg_catalog.format('grant fund_operator to %%I %%s', %(role)s::text, t.how) from terms as t

    union all
    select 4, pg_catalog.format('grant %%I to fund_owner %%s', %(role)s::text, t.how) from terms as t
) as s
order by s.place;

-- name: lock_role_statements
-- None for whoever govern.record_operator will refuse to retire.
select pg_catalog.format('alter role %%I nologin', o.role_name) as statement
from govern.operators as o
where o.role_name = %(role)s and %(reason)s::text <> '';

-- name: end_sessions
select pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity as a where a.usename = %(role)s;

-- name: record
select govern.record_operator(%(role)s, %(event)s, %(reason)s);

-- name: known
select o.role_name, o.enrolled, o.reason, o.actor, o.occurred_at from govern.operators as o order by o.role_name;

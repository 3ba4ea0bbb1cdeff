-- Every relation, column and routine of ours has a COMMENT: the comments are the reference manual.
with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace as n
    where n.nspname in ('ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit')
)

select 'relation ' || c.oid::regclass::text as without_comment
from pg_catalog.pg_class as c
inner join ours as o on c.relnamespace = o.oid
where c.relkind in ('r', 'p', 'v', 'm') and pg_catalog.obj_description(c.oid, 'pg_class') is null

union all
select 'column ' || c.oid::regclass::text || '.' || a.attname
from pg_catalog.pg_class as c
inner join ours as o on c.relnamespace = o.oid
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
where
    c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
    and pg_catalog.col_description(c.oid, a.attnum) is null

union all
select 'routine ' || p.oid::regprocedure::text
from pg_catalog.pg_proc as p
inner join ours as o on p.pronamespace = o.oid
where pg_catalog.obj_description(p.oid, 'pg_proc') is null

order by 1;

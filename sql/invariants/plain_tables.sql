-- Plain tables decide, hypertables remember (ARCHITECTURE 1, I2): drop_chunks passes under triggers, and a hypertable's
-- unique index must contain its time column. And no control object stands on a dbt relation (I18): dbt drops with cascade.
select i.relation::text || ' is partitioned, inherited, unlogged or foreign' as violation
from (
    select c.oid::regclass as relation, c.oid, c.relkind, c.relpersistence
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname in ('govern', 'decide', 'trade', 'notify', 'audit') and c.relkind in ('r', 'p', 'f', 'm')
) as i
where
    i.relkind <> 'r' or i.relpersistence <> 'p'
    or exists (select from pg_catalog.pg_inherits as h where i.oid in (h.inhparent, h.inhrelid))

union all
select v.oid::regclass::text || ' reads ' || t.oid::regclass::text
from pg_catalog.pg_class as v
inner join pg_catalog.pg_namespace as vn on v.relnamespace = vn.oid
inner join pg_catalog.pg_rewrite as w on v.oid = w.ev_class
inner join pg_catalog.pg_depend as d on w.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::regclass
inner join pg_catalog.pg_class as t on d.refobjid = t.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
inner join pg_catalog.pg_namespace as tn on t.relnamespace = tn.oid
where
    vn.nspname in ('ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit')
    and tn.nspname in ('staging', 'quality', 'features', 'mart')

order by 1;

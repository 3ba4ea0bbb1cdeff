-- Every table of decide and trade carries the account (ARCHITECTURE 6): a second account must never need a migration.
select c.oid::regclass::text || ' has no column account' as violation
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname in ('decide', 'trade')
    and c.relkind in ('r', 'p')
    -- What an order's states are is the same for every account.
    and c.oid::regclass::text not in ('trade.order_states', 'trade.order_transitions')
    and not exists (
        select from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attname = 'account' and not a.attisdropped and a.attnotnull
    )
order by 1;

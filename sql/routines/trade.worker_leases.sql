-- trade.worker_leases(account): the workers that hold leases on submitted orders.
-- Why: a worker that died on this host is known to be dead; its leases need not be waited for.
-- Called by: the broker worker at its start. Raises: nothing.
create or replace function trade.worker_leases(p_account text)
returns table (worker text, order_count integer, lease_until timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select o.lease_owner, count(*)::integer, max(o.lease_until)
    from trade.orders as o
    where o.account = p_account and o.state = 'SUBMITTED' and o.lease_owner is not null
    group by o.lease_owner
    order by o.lease_owner
$$;
comment on function trade.worker_leases(text) is 'One row per worker with leases on submitted orders of an account.';

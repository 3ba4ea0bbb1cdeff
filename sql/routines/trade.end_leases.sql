-- trade.end_leases(account, worker): ends the leases of a worker that is known to be dead.
-- What: its submitted orders can be handed over, in doubt, by the next claim; nothing is sent by that.
-- Called by: the broker worker, for a process of its own host that no longer runs. Raises: nothing.
create or replace function trade.end_leases(p_account text, p_worker text)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with ended as (
        update trade.orders as o
        set lease_until = clock_timestamp()
        where o.account = p_account and o.lease_owner = p_worker and o.state = 'SUBMITTED' and o.lease_until > clock_timestamp()
        returning 1
    )

    select count(*)::integer from ended
$$;
comment on function trade.end_leases(text, text) is
'Ends the leases of a dead worker and returns how many; its orders are handed over in doubt.';

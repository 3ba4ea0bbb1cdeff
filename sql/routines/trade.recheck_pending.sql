-- trade.recheck_pending(account): asks the layers again for every finished run of which orders wait for their release.
-- What: cycle/run -> what govern.recheck_layers says of it.
-- Why: once per claim and run instead of once per order; orders of a run that is not DONE are never released.
-- Called by: trade.claim_orders, which holds the kill row. Raises: nothing.
create or replace function trade.recheck_pending(p_account text)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_object_agg(
            w.cycle_id || '/' || w.run, govern.recheck_layers(w.cycle_id, w.run, 'release') order by w.cycle_id, w.run
        ),
        '{}'
    )
    from (
        select distinct o.cycle_id, o.run
        from trade.orders as o
            join decide.cycle_runs as r on r.cycle_id = o.cycle_id and r.run = o.run and r.state = 'DONE'
        where o.account = p_account and o.state = 'PENDING'
    ) as w
$$;
comment on function trade.recheck_pending(text) is
'For each finished run with pending orders of an account: what its layers close at release, keyed cycle/run.';

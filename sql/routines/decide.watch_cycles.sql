-- decide.watch_cycles(account): the watchdog's call: closes overdue runs and records the sessions whose cycle did not run, of one
-- account or (NULL) of all; returns how many of both.
-- Why: who opens the next cycle does the same, but where nobody does, what runs beside the cycles has to notice (I26). On a
-- simulated database time stands still until somebody moves it, who also decides what runs: there only the next cycle tells.
-- Called by: the broker worker, each pass; the daemon. An account there is nothing to tell of is not locked. Raises: nothing.
create or replace function decide.watch_cycles(p_account text default null)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_is_real constant boolean := exists (select 1 from ops.instances as i where i.kind = 'real');
    v_account text;
    v_events jsonb := '[]'::jsonb;
begin
    for v_account in
        select a.account from trade.accounts as a
        where a.account = coalesce(p_account, a.account)
            and (
                exists (
                    select 1 from decide.cycle_runs as r
                    where r.account = a.account and r.state = 'OPEN' and r.lease_until < clock_timestamp()
                )
                or c_is_real and exists (select 1 from decide.unrun_sessions(a.account, null))
            )
        order by a.account
        for update
    loop
        v_events := v_events || decide.fail_overdue_runs(v_account);
        if c_is_real then
            v_events := v_events || decide.miss_sessions(v_account, null);
        end if;
    end loop;
    if v_events <> '[]'::jsonb then
        perform audit.append(v_events);
    end if;
    return jsonb_array_length(v_events);
end;
$$;
comment on function decide.watch_cycles(text) is
'Closes OPEN runs whose lease is over as FAILED LEASE_OVER and records the sessions whose cycle did not run; returns how many.';

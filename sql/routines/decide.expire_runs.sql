-- decide.expire_runs(account): the watchdog's call: closes overdue runs, of one account or (NULL) of all; returns how many.
-- Called by: the daemon's watchdog. Raises: nothing.
create or replace function decide.expire_runs(p_account text default null)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account text;
    v_events jsonb := '[]'::jsonb;
begin
    for v_account in
        select a.account from trade.accounts as a
        where a.account = coalesce(p_account, a.account)
        order by a.account
        for update
    loop
        v_events := v_events || decide.fail_overdue_runs(v_account);
    end loop;
    if v_events <> '[]'::jsonb then
        perform audit.append(v_events);
    end if;
    return jsonb_array_length(v_events);
end;
$$;
comment on function decide.expire_runs(text) is 'Closes OPEN runs whose lease is over as FAILED LEASE_OVER; returns how many.';

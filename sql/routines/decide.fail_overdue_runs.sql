-- decide.fail_overdue_runs(account): closes the OPEN runs of an account whose lease is over as FAILED LEASE_OVER; returns their
-- audit events for the caller to append last.
-- Why: a crash between open and commit leaves an open run with no decision and no order; it must not block the account (I26).
-- One that is locked is being committed after all: it is left alone, and nobody waits for it while holding the account.
-- Called by: decide.open_cycle, decide.watch_cycles, which hold the account's row. Raises: nothing.
create or replace function decide.fail_overdue_runs(p_account text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run record;
    v_events jsonb := '[]'::jsonb;
begin
    for v_run in
        update decide.cycle_runs as r
        set
            state = 'FAILED', reason = 'LEASE_OVER', exit_code = 1, closed_at = ops.now(),
            closed_recorded_at = clock_timestamp()
        where (r.cycle_id, r.run) in (
            select o.cycle_id, o.run from decide.cycle_runs as o
            where o.account = p_account and o.state = 'OPEN' and o.lease_until < clock_timestamp()
            for update skip locked
        )
        returning r.cycle_id, r.run, r.host, r.pid, r.lease_until
    loop
        perform notify.enqueue(
            'HIGH', 'SYSTEM', 'CYCLE_FAILED',
            format(
                'run %s of cycle %s ended without closing (host %s, pid %s)', v_run.run, v_run.cycle_id, v_run.host, v_run.pid
            ),
            p_account => p_account, p_detail => jsonb_build_object('cycle_id', v_run.cycle_id, 'run', v_run.run)
        );
        v_events := v_events || jsonb_build_object(
            'event', 'cycle.failed', 'account', p_account, 'cycle_id', v_run.cycle_id,
            'body', jsonb_build_object(
                'run', v_run.run, 'reason', 'LEASE_OVER', 'exit_code', 1, 'host', v_run.host, 'pid', v_run.pid,
                'lease_until', ops.utc_text(v_run.lease_until)
            )
        );
    end loop;
    return v_events;
end;
$$;
comment on function decide.fail_overdue_runs(text) is
'Closes an account''s overdue OPEN runs as FAILED LEASE_OVER and returns their audit events.';

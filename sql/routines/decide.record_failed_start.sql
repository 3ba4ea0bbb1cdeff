-- decide.record_failed_start(account, as_of_session, exit_code, reason, since): a cycle's process ended before it had a run: a
-- row, an alert once an hour, an audit event. True where that is so: a run opened since then tells of itself, and where another
-- is open it was somebody else's turn.
-- Why: nothing fails silently (I26): of another configuration, a database away or a process killed for want of memory there is no
-- run that could say so. decide.due_cycles waits longer after each.
-- Called by: the daemon. Raises: a check violation for an exit code of 0.
create or replace function decide.record_failed_start(
    p_account text, p_as_of_session date, p_exit_code integer, p_reason text, p_since timestamptz
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select 1 from decide.cycle_runs as r
            join decide.cycles as c on c.cycle_id = r.cycle_id
        where c.account = p_account
            and case r.state
                when 'OPEN' then r.lease_until > clock_timestamp()
                else c.as_of_session = p_as_of_session and c.mode <> 'shadow' and r.opened_at >= p_since
                    and r.reason is distinct from 'DRY_RUN'
            end
    ) then
        return false;
    end if;
    insert into decide.failed_starts (account, as_of_session, exit_code, reason, failed_at)
    values (p_account, p_as_of_session, p_exit_code, left(p_reason, 1000), ops.now());
    perform notify.enqueue(
        'HIGH', 'SYSTEM', 'CYCLE_NOT_STARTED',
        format(
            'the cycle of %s as of %s did not start, exit %s: %s', p_account, p_as_of_session, p_exit_code, left(p_reason, 500)
        ),
        p_account => (select a.account from trade.accounts as a where a.account = p_account),
        p_detail => jsonb_build_object('as_of_session', p_as_of_session, 'exit_code', p_exit_code),
        p_window_seconds => 3600
    );
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'cycle.not_started', 'account', p_account,
        'body', jsonb_build_object('as_of_session', p_as_of_session, 'exit_code', p_exit_code, 'reason', left(p_reason, 1000))
    )));
    return true;
end;
$$;
comment on function decide.record_failed_start(text, date, integer, text, timestamptz) is
'Records that a cycle ended before a run of it was opened, with an alert and an audit event; false where a run was opened since.';

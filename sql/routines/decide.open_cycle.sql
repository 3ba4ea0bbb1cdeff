-- decide.open_cycle(…): opens a run of a cycle, or says why there is nothing to open.
-- What: OPENED (a new run); ALREADY_DONE (its key has a DONE run: nothing changes); BUSY (another run of the account is open and
-- within its lease). Overdue runs are closed as FAILED first, and sessions before this one that no cycle ran for are recorded.
-- What a cycle may see ends at recorded_before, taken while the lock `market` is held for share: no fact stored before it can
-- appear after it. It is the wall clock, or where that was set back, the last instant given to a fact (market.next_instant), to a
-- mark of the account or to a resumption.
-- Audit: the opening is appended by govern.open_gate, the next step of the transaction, so that the head is not held while the
-- inputs are copied (I13); overdue runs and missed sessions are appended here.
-- Called by: the cycle as fund_decider. Raises: MQ230, MQ240, MQ241, MQ242, MQ243.
create or replace function decide.open_cycle(
    p_account text, p_mode text, p_strategy text, p_as_of_session date, p_slot text, p_config_sha256 text,
    p_delay_minutes integer, p_lease_seconds integer, p_host text, p_pid integer, p_code_version text, p_versions jsonb,
    out cycle_id text, out run integer, out outcome text, out as_of timestamptz, out recorded_before timestamptz,
    out trade_session date
)
returns record
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found record;
    v_events jsonb;
begin
    if p_config_sha256 is null or p_config_sha256 is distinct from govern.pinned_config() then
        raise exception using errcode = 'MQ230', message = 'the cycle''s configuration is not the pinned one',
            detail = format('given=%s pinned=%s', p_config_sha256, govern.pinned_config()),
            hint = 'python -m runner config verify; python -m runner config lock pins a change';
    end if;
    select i.as_of, i.trade_session into as_of, trade_session
    from decide.cycle_instants(p_account, p_mode, p_as_of_session, p_delay_minutes) as i;
    cycle_id := decide.cycle_key_id(p_account, p_mode, p_strategy, p_as_of_session, p_slot, p_config_sha256);
    -- Held from here on in lock order; whether it is engaged is layer 1's to say, as a row.
    perform ops.kill_engaged(true);
    perform 1 from ops.locks as l where l.lock_name = 'market' for share;
    perform 1 from trade.accounts as a where a.account = p_account for update;
    select greatest(
        clock_timestamp(), l.last_instant, (select max(n.recorded_at) from trade.nav as n where n.account = p_account),
        (select max(u.recorded_at) from ops.resumptions as u)
    ) into recorded_before
    from ops.locks as l
    where l.lock_name = 'market';
    v_events := decide.fail_overdue_runs(p_account) || decide.miss_sessions(p_account, p_as_of_session);
    select r.cycle_id, r.run, case r.state when 'DONE' then 'ALREADY_DONE' else 'BUSY' end as outcome into v_found
    from decide.cycle_runs as r
    where r.cycle_id = open_cycle.cycle_id and r.state = 'DONE' or r.account = p_account and r.state = 'OPEN'
    order by r.state
    limit 1;
    if found then
        cycle_id := v_found.cycle_id;
        run := v_found.run;
        outcome := v_found.outcome;
    else
        insert into decide.cycles (
            cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at
        ) values (
            open_cycle.cycle_id, p_account, p_mode, p_strategy, p_as_of_session, p_slot, p_config_sha256,
            open_cycle.as_of, open_cycle.trade_session, ops.now()
        )
        on conflict on constraint cycles_pkey do nothing;
        select coalesce(max(r.run), 0) + 1 into run from decide.cycle_runs as r where r.cycle_id = open_cycle.cycle_id;
        insert into decide.cycle_runs (
            cycle_id, run, account, state, opened_at, recorded_before, lease_until, host, pid, code_version, versions,
            limits_sha256
        ) values (
            open_cycle.cycle_id, open_cycle.run, p_account, 'OPEN', ops.now(), open_cycle.recorded_before,
            clock_timestamp() + make_interval(secs => p_lease_seconds), p_host, p_pid, p_code_version, p_versions,
            govern.record_limits()
        );
        outcome := 'OPENED';
    end if;
    if v_events <> '[]'::jsonb then
        perform audit.append(v_events);
    end if;
end;
$$;
comment on function decide.open_cycle(
    text, text, text, date, text, text, integer, integer, text, integer, text, jsonb
) is 'Opens a run of a cycle: OPENED, ALREADY_DONE or BUSY, with what it may see. Raises MQ230, MQ240-MQ243.';

-- decide.miss_sessions(account, before): a cycle that should have run and did not becomes a row and an alert; returns the audit
-- events for the caller to append last.
-- Why: nothing fails silently (I26): where nobody starts a cycle there is no run that could say so.
-- Called by: decide.open_cycle, decide.watch_cycles, which hold the account's row. Raises: nothing.
create or replace function decide.miss_sessions(p_account text, p_before date)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_missed date[];
    v_events jsonb;
begin
    with missed as (
        insert into decide.missed_cycles (account, as_of_session, trade_session, found_at)
        select p_account, u.as_of_session, u.trade_session, ops.now()
        from decide.unrun_sessions(p_account, p_before) as u
        returning as_of_session, trade_session
    )

    select
        array_agg(m.as_of_session order by m.as_of_session),
        coalesce(jsonb_agg(jsonb_build_object(
            'event', 'cycle.missed', 'account', p_account,
            'body', jsonb_build_object('as_of_session', m.as_of_session, 'trade_session', m.trade_session)
        ) order by m.as_of_session), '[]')
    into v_missed, v_events
    from missed as m;
    if v_missed is not null then
        perform notify.enqueue(
            'HIGH', 'SYSTEM', 'CYCLE_MISSED', format(
                'no cycle of %s ran as of %s: nothing was decided for the session after', p_account,
                case cardinality(v_missed)
                    when 1 then v_missed[1]::text
                    else format('%s to %s (%s sessions)', v_missed[1], v_missed[cardinality(v_missed)], cardinality(v_missed))
                end
            ),
            p_account => p_account, p_detail => jsonb_build_object('as_of_sessions', to_jsonb(v_missed)), p_window_seconds => 0
        );
    end if;
    return v_events;
end;
$$;
comment on function decide.miss_sessions(text, date) is
'Records the sessions whose cycle should have run and did not, with an alert, and returns their audit events.';

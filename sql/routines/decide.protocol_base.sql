-- decide.protocol_base(account, session, slot, recorded before): the run whose state a cycle goes on from, and that state as it
-- stands on its session (I19); one row, of an account without such a run the beginning of everything.
-- What: the newest DONE run of an earlier session, or of the same one: before its first close for a close, so that a session is
-- counted once however often it is run (B6); any for another slot. Sessions of the phase are the calendar's. resumed: trading was
-- resumed since that run began to look (or since the account was opened), and before the given wall instant. A close goes on from
-- a tier of the ramp (B10) where a run of an earlier session on it was opened before the session it decided for was over; where
-- they were all run later, they traded nothing, and it goes on from the tier before.
-- Why: one place reads it, for the cycle that asks and for the check of what it then claims. A resumption and the opening of
-- a run exclude each other through the kill row, and their wall instants have the order they happened in (ops.resume,
-- decide.open_cycle). A row from before the protocol has a drawdown window where sessions of it were left.
-- Called by: decide.load_state, decide.protocol_step. Raises: nothing.
create or replace function decide.protocol_base(
    p_account text, p_session date, p_slot text, p_recorded_before timestamptz,
    out cycle_id text, out run integer, out as_of_session date, out phase_session date, out state govern.protocol_states
)
returns record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with counted as (
        select s.*, r.recorded_before, r.closed_recorded_at, r.opened_at, c.trade_session
        from decide.risk_states as s
            join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run and r.state = 'DONE'
            join decide.cycles as c on c.cycle_id = s.cycle_id and c.mode <> 'shadow'
        where s.account = p_account and s.as_of_session <= p_session
    ),

    newest as (
        select x.*
        from counted as x
        where x.as_of_session < p_session or p_slot is distinct from 'close' or not exists (
            select 1 from counted as k
            where k.as_of_session = p_session and k.slot = 'close' and k.closed_recorded_at <= x.closed_recorded_at
        )
        order by x.as_of_session desc, x.closed_recorded_at desc
        limit 1
    ),

    base as (
        select
            n.cycle_id, n.run, n.as_of_session, n.phase_session, n.tier, n.cvar_breaches, a.calendar,
            coalesce(n.phase, case when n.reject_sessions_left > 0 then 'DRAWDOWN' else 'NORMAL' end) as phase,
            coalesce(n.phase_session, n.as_of_session) as counted_from,
            case when n.reject_sessions_left > 0 then greatest(
                govern.effective_limit('drawdown_sessions')::integer - 1 - n.reject_sessions_left, 0
            ) else 0 end as served_before,
            coalesce(n.recorded_before, a.recorded_at) as since,
            n.phase = 'RECOVERY' and p_slot = 'close' and not exists (
                select 1
                from counted as k
                    join ref.sessions as s on s.calendar = a.calendar and s.session = k.trade_session
                where k.phase = n.phase and k.phase_session = n.phase_session and k.tier = n.tier
                    and k.as_of_session < p_session and k.opened_at < s.closes_at
            ) as untraded
        from trade.accounts as a
            left join newest as n on true
        where a.account = p_account
    )

    select
        b.cycle_id, b.run, b.as_of_session,
        case when b.phase_session is not null then b.phase_session else (
            select s.session from ref.sessions as s
            where s.calendar = b.calendar and s.session <= b.counted_from
            order by s.session desc
            offset b.served_before
            limit 1
        ) end,
        row(
            b.phase,
            b.served_before + (
                select count(*) from ref.sessions as s
                where s.calendar = b.calendar and s.session > b.counted_from and s.session <= p_session
            ),
            coalesce(case when b.untraded then b.tier - 1 else b.tier end, 0), coalesce(b.cvar_breaches, 0),
            exists (select 1 from ops.resumptions as r where r.recorded_at > b.since and r.recorded_at <= p_recorded_before)
        )::govern.protocol_states
    from base as b
$$;
comment on function decide.protocol_base(text, date, text, timestamptz) is
'The run an account''s next cycle goes on from and the state of the recovery protocol on its session (I19).';

-- audit.risk_transitions: every step of the recovery protocol an account took, with the event that made it and its figures.
-- Why: a state row says where an account stands, not why. Before is the state of the run it went on from, as decide.protocol_base
-- chooses it; the event is the row of govern.risk_transitions between them: those that lead to the same place
-- differ in whether trading was resumed and whether drawdown and volatility were both above, unknown counting as above (I17).
create or replace view audit.risk_transitions as
with counted as (
    select
        s.cycle_id, s.run, s.account, s.as_of_session, s.slot, s.phase_session, s.rebased, s.drawdown, s.volatility, s.var_95,
        s.cvar_post_trade, r.recorded_before, r.closed_recorded_at, l.limits,
        coalesce(s.phase, case when s.reject_sessions_left > 0 then 'DRAWDOWN' else 'NORMAL' end) as phase,
        coalesce(s.tier, 0) as tier
    from decide.risk_states as s
        join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run and r.state = 'DONE'
        join decide.cycles as c on c.cycle_id = s.cycle_id and c.mode <> 'shadow'
        left join govern.limit_sets as l on l.limits_sha256 = r.limits_sha256
)

select
    n.account, n.as_of_session, n.slot, n.cycle_id, n.run, coalesce(b.phase, 'NORMAL') as from_phase,
    coalesce(b.tier, 0) as from_tier, n.phase as to_phase, n.tier as to_tier, t.event, t.meaning, n.rebased, n.drawdown,
    n.volatility, n.var_95, n.cvar_post_trade, n.closed_recorded_at as recorded_at
from counted as n
    left join lateral (
        select x.*
        from counted as x
        where x.account = n.account and x.closed_recorded_at < n.closed_recorded_at
            and (x.as_of_session < n.as_of_session or x.as_of_session = n.as_of_session and (n.slot <> 'close' or not exists (
                select 1 from counted as k
                where k.account = n.account and k.as_of_session = n.as_of_session and k.slot = 'close'
                    and k.closed_recorded_at <= x.closed_recorded_at
            )))
        order by x.as_of_session desc, x.closed_recorded_at desc
        limit 1
    ) as b on true
    left join lateral (
        select m.event, m.meaning
        from govern.risk_transitions as m
            cross join (
                select
                    exists (
                        select 1
                        from ops.resumptions as u
                            join trade.accounts as a on a.account = n.account
                        where u.recorded_at > coalesce(b.recorded_before, a.recorded_at)
                            and u.recorded_at <= n.recorded_before
                    ) as resumed,
                    (n.drawdown <= (n.limits #>> '{drawdown,threshold}')::double precision) is not true
                    and (n.volatility <= (n.limits #>> '{volatility,threshold}')::double precision
                        * (n.limits #>> '{tier_two_volatility_multiple,threshold}')::double precision) is not true as tier_three
            ) as e
        where m.from_phase = coalesce(b.phase, 'NORMAL') and m.to_phase = n.phase
            and m.begins = (n.phase_session = n.as_of_session) and (m.event like 'resumed%') = e.resumed
            and (m.event <> 'tier_three' or e.tier_three)
        order by m.precedence
        limit 1
    ) as t on true
where n.phase <> coalesce(b.phase, 'NORMAL') or n.tier <> coalesce(b.tier, 0) or n.phase_session <> b.phase_session;
comment on view audit.risk_transitions is
'One row per run that moved an account in the recovery protocol: to another phase, another tier, or into the same phase anew.';
comment on column audit.risk_transitions.account is 'Account.';
comment on column audit.risk_transitions.as_of_session is 'Session.';
comment on column audit.risk_transitions.slot is 'Slot of the cycle.';
comment on column audit.risk_transitions.cycle_id is 'Cycle that took the step.';
comment on column audit.risk_transitions.run is 'Run of it.';
comment on column audit.risk_transitions.from_phase is 'Phase before: NORMAL, DRAWDOWN, FREEZE or RECOVERY.';
comment on column audit.risk_transitions.from_tier is 'Tier of the ramp before, 0 off the ramp.';
comment on column audit.risk_transitions.to_phase is 'Phase after.';
comment on column audit.risk_transitions.to_tier is 'Tier after.';
comment on column audit.risk_transitions.event is
'Event that counted, as govern.risk_transitions names it; NULL for rows from before the protocol.';
comment on column audit.risk_transitions.meaning is 'When that happens.';
comment on column audit.risk_transitions.rebased is 'True where the tactical mark was re-based (A7).';
comment on column audit.risk_transitions.drawdown is
'Drawdown it saw, fraction of the tactical mark; NULL unknown, which is above.';
comment on column audit.risk_transitions.volatility is 'Annual volatility it saw (B1); NULL unknown.';
comment on column audit.risk_transitions.var_95 is 'VaR of the target it saw; NULL unknown.';
comment on column audit.risk_transitions.cvar_post_trade is 'CVaR of the book that would stand; NULL unknown.';
comment on column audit.risk_transitions.recorded_at is 'Wall instant the run closed.';

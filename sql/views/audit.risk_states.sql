-- audit.risk_states: where an account stood after each cycle: state, phase, and every figure beside its limit.
-- Why: limits are those of the run (govern.limit_sets), so a number tightened since does not rewrite what was judged. A run that
-- halted for its own risk (layer 8) has a row; one its gate refused has none.
create or replace view audit.risk_states as
with limits as (
    select
        s.limits_sha256, (s.limits #>> '{var,threshold}')::double precision as var_limit,
        (s.limits #>> '{cvar_decision,threshold}')::double precision as cvar_decision_limit,
        (s.limits #>> '{cvar_hard,threshold}')::double precision as cvar_hard_limit,
        (s.limits #>> '{volatility,threshold}')::double precision
        * (s.limits #>> '{tier_two_volatility_multiple,threshold}')::double precision as volatility_limit,
        (s.limits #>> '{drawdown,threshold}')::double precision as drawdown_limit,
        (s.limits #>> '{kill_loss,threshold}')::double precision as loss_limit,
        (s.limits #>> '{cvar_breaches,threshold}')::double precision as cvar_breaches_limit
    from govern.limit_sets as s
)

select
    s.cycle_id, s.run, s.account, c.mode, c.strategy, s.as_of_session, s.slot, c.trade_session, r.state as run_state, s.state,
    s.phase, s.phase_session,
    case when s.phase_session is not null then (
        select count(*)::integer
        from ref.sessions as x
            join trade.accounts as a on a.account = s.account and a.calendar = x.calendar
        where x.session > s.phase_session and x.session <= s.as_of_session
    ) end as sessions,
    s.tier, s.rebased, s.cvar_breaches, l.cvar_breaches_limit, s.var_95, l.var_limit, s.cvar_95, s.cvar_post_trade,
    l.cvar_decision_limit, l.cvar_hard_limit, s.volatility, l.volatility_limit, s.drawdown, l.drawdown_limit,
    (s.figures ->> 'loss')::double precision as loss, l.loss_limit, s.gross, s.net,
    (s.factors ->> 'limit_scale')::double precision as limit_scale, (s.factors ->> 'soft')::double precision as soft,
    (s.factors ->> 'breaker_tier')::double precision as breaker_tier, s.factors, s.figures, r.limits_sha256, s.recorded_at
from decide.risk_states as s
    join audit.concluded_runs as f on f.cycle_id = s.cycle_id and f.run = s.run
    join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run
    join decide.cycles as c on c.cycle_id = s.cycle_id
    left join limits as l on l.limits_sha256 = r.limits_sha256;
comment on view audit.risk_states is 'One row per cycle whose risk was measured: the account''s risk state after its final run.';
comment on column audit.risk_states.cycle_id is 'Cycle.';
comment on column audit.risk_states.run is 'Run of the cycle.';
comment on column audit.risk_states.account is 'Account.';
comment on column audit.risk_states.mode is 'paper, live or shadow; a shadow run moves nothing.';
comment on column audit.risk_states.strategy is 'Strategy.';
comment on column audit.risk_states.as_of_session is 'Last session it could see.';
comment on column audit.risk_states.slot is 'close, or the exchange time of an intraday trigger; counters move with close only.';
comment on column audit.risk_states.trade_session is 'Session its orders are for.';
comment on column audit.risk_states.run_state is 'DONE, or HALTED for its own risk: the state it found, which was not taken up.';
comment on column audit.risk_states.state is
'Most severe state (ruling B5): ALLOW, SCALE, RECOVERY, REJECT, FREEZE, LIQUIDATE, KILL.';
comment on column audit.risk_states.phase is 'Phase of the recovery protocol after it; NULL in rows from before the protocol.';
comment on column audit.risk_states.phase_session is 'Session the phase began on.';
comment on column audit.risk_states.sessions is 'Sessions of the account''s calendar since then, 0 on that session.';
comment on column audit.risk_states.tier is 'Tier of the ramp in RECOVERY, 1, 2, …; else 0.';
comment on column audit.risk_states.rebased is 'True where a ramp began with it, on a tactical mark re-based to the NAV (A7).';
comment on column audit.risk_states.cvar_breaches is 'Close cycles in a row whose book was above the hard CVaR limit (B6).';
comment on column audit.risk_states.cvar_breaches_limit is 'As many engage the kill switch.';
comment on column audit.risk_states.var_95 is
'One-day VaR of the target before any scalar, fraction of NAV (A9); NULL: not supported by the data.';
comment on column audit.risk_states.var_limit is 'Limit on it.';
comment on column audit.risk_states.cvar_95 is 'One-day CVaR of the target before any scalar, fraction of NAV.';
comment on column audit.risk_states.cvar_post_trade is
'CVaR of the book that would stand after the orders, fraction of NAV (B6); of orders not made if that froze the account.';
comment on column audit.risk_states.cvar_decision_limit is 'What a trade may not take CVaR above (A8, A12).';
comment on column audit.risk_states.cvar_hard_limit is
'Above it the target is scaled, and the book that stands counts as a breach (A8).';
comment on column audit.risk_states.volatility is 'Annual, the larger of the NAV''s and the benchmark''s (B1), fraction.';
comment on column audit.risk_states.volatility_limit is
'Twice the target, or as the run''s limits say: above it breaker tier two (B3).';
comment on column audit.risk_states.drawdown is 'From the tactical mark, fraction (A6).';
comment on column audit.risk_states.drawdown_limit is 'Limit on it.';
comment on column audit.risk_states.loss is 'Against contributed capital, fraction; negative: a gain (B7).';
comment on column audit.risk_states.loss_limit is 'The loss that kills.';
comment on column audit.risk_states.gross is 'Sum of absolute weights of the book that would stand, fraction of NAV.';
comment on column audit.risk_states.net is 'Sum of its weights, fraction of NAV.';
comment on column audit.risk_states.limit_scale is 'Smallest limit scalar: what the limits multiplied the target by (A15).';
comment on column audit.risk_states.soft is 'What the soft scalars, or the breaker in their place, multiplied it by (A15, B3).';
comment on column audit.risk_states.breaker_tier is 'Tier of the circuit breaker, 0 to 3 (B2-B4).';
comment on column audit.risk_states.factors is 'Every scalar, name to number or null.';
comment on column audit.risk_states.figures is 'Every further measure, name to number or null; null: not supported by the data.';
comment on column audit.risk_states.limits_sha256 is 'Numbers in force: audit.limit_sets.';
comment on column audit.risk_states.recorded_at is 'Wall instant.';

-- What `risk` reports: role fund_analyst.

-- name: accounts
select a.account from audit.accounts as a order by a.account collate "C"

-- name: cycle
-- The newest cycle that ended, whatever its mode but shadow, which moves nothing.
select c.cycle_id, c.run, c.as_of_session, c.slot, c.trade_session, c.mode, c.state, c.layer, c.reason
from audit.cycles as c
where c.account = %(account)s and c.mode <> 'shadow' and c.state in ('DONE', 'HALTED')
    and c.as_of_session <= coalesce(%(as_of)s::date, 'infinity')
order by c.as_of_session desc, c.closed_recorded_at desc
limit 1

-- name: states
-- A session's newest measured cycle, newest session first.
select t.*
from (
    select distinct on (s.as_of_session) s.*, g.high_probability, g.name as regime
    from audit.risk_states as s
        left join audit.regimes as g on g.cycle_id = s.cycle_id and g.run = s.run
    where s.account = %(account)s and s.mode <> 'shadow' and s.as_of_session <= coalesce(%(as_of)s::date, 'infinity')
    order by s.as_of_session desc, s.recorded_at desc
) as t
order by t.as_of_session desc
limit %(sessions)s

-- name: regime
select
    g.name, g.method, g.high_probability, g.percentile, g.reason, g.action, g.factor, g.volatility,
    g.volatility_sessions, g.trend, g.trend_closes, g.refitted, g.sessions_since_fit, g.fit_session, g.fit_sha256
from audit.regimes as g
where g.cycle_id = %(cycle_id)s

-- name: checks
select k.limit_name, k.scope, k.symbol, k.observed, k.threshold, k.action, k.factor, k.binding, k.reason
from audit.risk_checks as k
where k.cycle_id = %(cycle_id)s
order by k.check_number

-- name: stress
select s.scenario, s.loss, s.loss_limit, s.action, s.factor, s.binding, s.reason, s.window_loss
from audit.stress as s
where s.cycle_id = %(cycle_id)s
order by s.loss desc nulls first, s.scenario collate "C"

-- name: exposures
select e.sector, e.side, e.held_symbols, e.held, e.decided_symbols, e.decided, e.sector_limit
from audit.exposures as e
where e.cycle_id = %(cycle_id)s
order by e.sector collate "C", e.side

-- name: components
-- Of the target before any scalar, as its CVaR is: the column adds up to cvar_95.
select
    d.symbol, (d.metadata ->> 'after_cvar')::double precision as weight,
    (d.metadata ->> 'component_cvar')::double precision as component_cvar
from audit.decisions as d
where d.cycle_id = %(cycle_id)s and (d.metadata ->> 'after_cvar')::double precision <> 0
order by component_cvar desc nulls last, d.symbol collate "C"

-- name: marks
select
    n.session, n.nav, n.period_return, n.nav_index, n.lifetime_drawdown, n.tactical_drawdown, n.rebased, n.loss
from audit.nav_history as n
where n.account = %(account)s and n.session <= coalesce(%(as_of)s::date, 'infinity')
order by n.session desc
limit %(sessions)s

-- name: backtest
select b.session, b.as_of_session, b.status, b.var_95, b.var_historical, b.var_filtered, b.loss, b.exception, b.light
from audit.var_backtest as b
where b.account = %(account)s and b.session <= coalesce(%(as_of)s::date, 'infinity')
order by b.session

-- name: transitions
select
    t.as_of_session, t.slot, t.from_phase, t.from_tier, t.event, t.to_phase, t.to_tier, t.meaning
from audit.risk_transitions as t
where t.account = %(account)s and t.as_of_session <= coalesce(%(as_of)s::date, 'infinity')
order by t.as_of_session desc, t.recorded_at desc
limit 10

-- What the dashboard shows: role fund_analyst; schemas audit and mart only (ARCHITECTURE 2, stage 14).

-- name: patience
-- A page that takes longer is none: whoever looks at it is told so instead.
select set_config('statement_timeout', '20s', true)

-- name: fund
select f.*, clock_timestamp() as read_at from audit.fund as f

-- name: kill_reasons
select k.source, k.host, k.reason, k.actor, k.occurred_at
from audit.kill_switch_history as k
where k.action = 'engage' and k.occurred_at >= %(since)s
order by k.event_id desc
limit 20

-- name: unsent
select u.alerts, u.since from audit.unsent_alerts as u

-- name: cycles
select
    c.cycle_id, c.run, c.as_of_session, c.slot, c.mode, c.strategy, c.state, c.layer, c.reason, c.trade_session, c.opened_at,
    c.closed_at
from audit.cycles as c
where c.account = %(account)s
order by c.as_of_session desc, c.recorded_before desc
limit %(sessions)s

-- name: mark
select
    n.session, n.nav, n.long_value, n.short_value, n.period_return, n.tactical_drawdown, n.stale_marks
from audit.nav_history as n
where n.account = %(account)s
order by n.session desc
limit 1

-- name: positions
select
    p.symbol, p.sector, p.quantity, p.average_price, p.price, p.price_session, p.market_value, p.weight, p.unrealized_pnl,
    p.realized_pnl, p.stop_price, p.stop_quantity, p.stop_state
from audit.positions as p
where p.account = %(account)s
order by abs(p.market_value) desc nulls first, p.symbol collate "C"

-- name: risk_state
select s.as_of_session, s.state, s.phase, s.drawdown_limit
from audit.risk_states as s
where s.account = %(account)s and s.mode <> 'shadow'
order by s.as_of_session desc, s.recorded_at desc
limit 1

-- name: open_breaks
select b.break_id, b.kind, b.effect, b.symbol, b.subject, b.evidence, b.raised_at
from audit.breaks as b
where b.account = %(account)s and b.open
order by b.break_id desc

-- name: missed_cycles
select m.as_of_session, m.trade_session, m.found_at, m.ran_at
from audit.missed_cycles as m
where m.account = %(account)s
order by m.as_of_session desc
limit 20

-- name: failed_starts
select s.as_of_session, s.exit_code, s.reason, s.failed_at
from audit.failed_starts as s
where s.account = %(account)s
order by s.start_id desc
limit 20

-- name: processes
select p.process, p.host, p.recorded_at as last_seen, clock_timestamp() - p.recorded_at as ago
from audit.processes as p
order by p.process, p.host

-- name: verdicts
select v.layer, v.layer_name, v.verdict, v.reason_code, v.decided_at
from audit.gate_verdicts as v
where v.cycle_id = %(cycle_id)s
order by v.layer

-- name: decisions
select
    d.symbol, d.final_decision, d.position_size as target_weight,
    (select string_agg(r, ', ') from jsonb_array_elements_text(d.reason_codes) as r) as reason_codes,
    d.mu_hat as expected_excess_return, d.sigma_hat as annual_volatility, d.conviction, d.stop_loss as stop_price,
    d.data_quality_score, d.provider_confidence
from audit.decisions as d
where d.cycle_id = %(cycle_id)s
order by d.final_decision, d.symbol collate "C"

-- name: orders
select
    o.trade_session, o.symbol, o.leg, o.side, o.quantity, o.state, o.refused_by, o.filled_quantity, o.average_price, o.fees,
    o.order_type, o.limit_price, o.stop_price, nullif(o.in_doubt, false) as in_doubt, nullif(o.unsent, false) as unsent,
    o.price_basis, o.placed_at, o.submitted_at, o.closed_at, o.client_order_id
from audit.orders as o
where o.account = %(account)s
order by o.placed_at desc, o.symbol collate "C", o.client_order_id
limit 500

-- name: kills
select k.action, k.source, k.host, k.reason, k.actor, k.occurred_at, k.engaged_now
from audit.kill_switch_history as k
order by k.event_id desc
limit 100

-- name: resumptions
select r.resumed_at, r.actor, r.reason, r.killed_at from audit.resumptions as r order by r.resumption_id desc limit 100

-- name: change_requests
select
    c.request_id, c.kind, c.state, c.loosened, c.author, c.reason, c.proposed_at, c.effective_from, c.expires_at, c.approved_by,
    c.applied_at
from audit.change_requests as c
order by c.request_id desc
limit 100

-- name: config_history
select p.pinned_at, p.config_sha256, p.reason, p.pinned_by, p.proposed_by, p.approved_by, p.replaced_at
from audit.config_history as p
order by p.pin_id desc
limit 100

-- name: limits
-- In force in the account's newest run that stored them.
select s.limit_name, s.threshold, s.unit, s.bound, s.ruling, s.source, s.reason
from audit.limit_sets as s
where s.limits_sha256 = (
    select c.limits_sha256 from audit.cycles as c
    where c.account = %(account)s and c.limits_sha256 is not null
    order by c.recorded_before desc
    limit 1
)
order by s.limit_name

-- name: limit_findings
select
    f.limit_name, count(*) as times, count(distinct c.as_of_session) as sessions,
    string_agg(distinct coalesce(f.symbol, f.scope), ', ' order by coalesce(f.symbol, f.scope)) as of,
    max(c.as_of_session) as last_session
from audit.limit_findings as f
    inner join (
        select x.cycle_id, x.run, x.as_of_session
        from audit.cycles as x
        where x.account = %(account)s and x.mode <> 'shadow'
        order by x.as_of_session desc
        limit %(sessions)s
    ) as c on c.cycle_id = f.cycle_id and c.run = f.run
group by f.limit_name
order by times desc, f.limit_name

-- name: layers
-- Each change of a layer's word between a strategy's runs, newest first.
select g.decided_at, g.as_of_session, g.strategy, g.layer, g.layer_name, g.verdict_before, g.verdict, g.reason_code, g.run_state
from mart.gate_history as g
where g.account = %(account)s and g.changed
order by g.decided_at desc, g.layer
limit 200

-- name: symbols
select
    i.symbol, i.sector, i.governance_state, array_to_string(i.governance_reasons, ', ') as governance_reasons,
    i.data_quality_score, i.provider_confidence, i.valid_sessions, i.last_session, i.price_kind, i.price_basis
from audit.cycle_inputs as i
where i.cycle_id = %(cycle_id)s
order by i.governance_state = 'ACTIVE', i.governance_state, i.symbol collate "C"

-- name: limit_pressure
select
    p.as_of_session, p.limit_name, p.utilisation_max, p.nearest, p.headroom_min, p.binding_count, p.reject_count,
    p.bids_stopped, p.order_refusals
from mart.limit_pressure as p
where p.account = %(account)s and p.mode <> 'shadow' and p.as_of_session = (
    select max(n.as_of_session) from mart.limit_pressure as n where n.account = %(account)s and n.mode <> 'shadow'
)
order by p.utilisation_max desc nulls first, p.limit_name

-- name: pnl_daily
select
    d.session, d.pnl_usd, d.marks_usd, d.fills_usd, d.fees_usd, d.dividends_usd, d.interest_usd, d.adjustments_usd,
    d.unexplained_usd, d.net_flow_usd, d.nav
from mart.pnl_daily as d
where d.account = %(account)s
order by d.session desc
limit %(sessions)s

-- name: failovers
select f.asked_at, f.symbol, f.provider, f.fault, f.reason, f.next_provider, f.purpose
from audit.failovers as f
order by f.fetch_id desc
limit 100

-- name: quarantined_bars
select q.recorded_at, q.symbol, q.session, q.provider, q.reason, q.received
from audit.quarantined_bars as q
order by q.quarantine_id desc
limit 100

-- name: has_mart
select to_regclass('mart.' || %(name)s) is not null

-- name: marts_as_of
select max(t.as_of_session) from mart.decision_trail as t where t.account = %(account)s

-- name: not_in_marts
select count(*)
from unnest(%(cycles)s::text[]) as c
where not exists (select from mart.decision_trail as t where t.cycle_id = c)

-- name: execution_costs_by_symbol
select
    c.symbol, c.order_count, c.filled_value, c.total_usd, c.total_bp, c.delay_usd, c.spread_usd, c.impact_usd, c.fees_usd,
    c.opportunity_usd
from mart.execution_costs_by_symbol as c
where c.account = %(account)s order by c.total_usd desc, c.symbol collate "C"

-- name: execution_costs_by_agent
select
    c.agent, c.order_count, c.filled_value, c.total_usd, c.total_bp, c.delay_usd, c.spread_usd, c.impact_usd, c.fees_usd,
    c.opportunity_usd
from mart.execution_costs_by_agent as c
where c.account = %(account)s order by c.agent collate "C"

-- name: provider_scorecard
select * from mart.provider_scorecard as p order by p.symbol collate "C", p.priority

-- name: agent_scorecard
select * from mart.agent_scorecard as a
order by a.heard_fraction desc nulls last, a.strategy, a.agent, a.family, a.regime, a.horizon

-- name: agents
select
    m.agent, m.family, count(*) as symbols, count(*) filter (where m.abstained) as abstained,
    count(*) filter (where m.weight > 0) as heard, avg(m.mu) as mean_mu, avg(m.confidence) as mean_confidence
from audit.model_outputs as m
where m.cycle_id = %(cycle_id)s
group by m.agent, m.family
order by m.agent, m.family

-- name: alerts
select
    a.raised_at, a.level, a.code, a.message,
    (
        select string_agg(concat_ws(' ', d.channel, lower(d.state), lower(d.skip_reason)), ', ' order by d.channel)
        from audit.alert_deliveries as d where d.alert_id = a.alert_id
    ) as reached,
    a.repeats, a.last_raised_at, a.account, a.symbol, a.category, a.alert_id
from audit.alerts as a
where a.level = any (%(levels)s) and (a.account is null or a.account = %(account)s)
order by a.alert_id desc
limit 500

-- name: channels
select c.channel, c.sent, c.skipped, c.waiting, c.waiting_since, c.last_sent_at, c.last_error
from audit.alert_channels as c
order by c.channel

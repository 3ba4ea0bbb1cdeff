-- What happened, for people: role fund_analyst (fund_monitor for done_sessions).

-- name: done_sessions
select as_of_session
from audit.cycles
where account = %(account)s and config_sha256 = %(config_sha256)s and state = 'DONE' and mode = 'paper'
    and as_of_session between %(first)s and %(last)s

-- name: story_symbols
select i.governance_state as state, count(*) as symbols, string_agg(i.symbol, ' ' order by i.symbol collate "C") as names,
    (select string_agg(distinct r, ', ') from unnest(array_agg(array_to_string(i.governance_reasons, ', '))) as r where r <> '')
        as because
from audit.cycle_inputs as i
where i.cycle_id = (select c.cycle_id from audit.cycles as c order by c.as_of_session desc, c.closed_recorded_at desc limit 1)
group by i.governance_state
order by i.governance_state

-- name: story_verdicts
select v.layer, v.layer_name as name, v.verdict, v.reason_code as reason
from audit.gate_verdicts as v
where v.cycle_id = (select c.cycle_id from audit.cycles as c order by c.as_of_session desc, c.closed_recorded_at desc limit 1)
order by v.layer

-- name: story_decisions
select d.symbol, d.final_decision as decision, d.position_size as weight, d.mu_hat as mu, d.sigma_hat as sigma, d.conviction,
    d.stop_loss as stop, d.data_quality_score as quality,
    (select string_agg(r, ', ') from jsonb_array_elements_text(d.reason_codes) as r) as reasons
from audit.decisions as d
where d.cycle_id = (select c.cycle_id from audit.cycles as c order by c.as_of_session desc, c.closed_recorded_at desc limit 1)
order by d.symbol collate "C"

-- name: story_limits
select f.limit_name as limit, coalesce(f.symbol, '') as symbol, f.observed, f.threshold, f.action, f.factor, f.reason
from audit.limit_findings as f
where f.cycle_id = (select c.cycle_id from audit.cycles as c order by c.as_of_session desc, c.closed_recorded_at desc limit 1)
order by f.limit_name, f.symbol collate "C"

-- name: story_orders
select o.trade_session as for_session, o.side, o.quantity, o.symbol, o.leg, o.state, coalesce(o.refused_by, '') as refused_by
from audit.orders as o
order by o.trade_session, o.symbol collate "C", o.client_order_id

-- name: story_fills
select f.session, f.side, f.quantity, f.symbol, round(f.price, 4) as price, round(f.fee, 2) as fee, f.price_basis as basis
from trade.fills as f
order by f.session, f.symbol collate "C"

-- name: story_positions
select p.symbol, p.quantity, round(p.average_price, 4) as average_price
from trade.positions as p
where p.quantity <> 0
order by p.symbol collate "C"

-- name: story_nav
select n.session, round(n.cash, 2) as cash, round(n.long_value, 2) as long, round(n.short_value, 2) as short,
    round(n.nav, 2) as nav, n.period_return as return
from trade.nav as n
order by n.session

-- name: find_cycle
select audit.find_cycle(%(cycle)s, %(account)s)

-- name: explain
select audit.explain(%(cycle_id)s, %(symbol)s)

-- name: explain_json
select audit.explain_json(%(cycle_id)s, %(symbol)s)

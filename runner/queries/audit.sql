-- What happened, for people: role fund_analyst. The chain: role fund_verifier.

-- name: replayable_runs
select cycle_id, run, account, mode, strategy, as_of_session, trade_session, slot, state, layer, reason, as_of,
    recorded_before, config_sha256, code_version, versions
from audit.replayable_runs(%(cycle_id)s, %(run)s, %(first)s, %(last)s, %(account)s)

-- name: replay_run
select r - array['chain', 'rows'] as material, (r -> 'chain')::text as chain, (r -> 'rows')::text as rows
from audit.replay_run(%(cycle_id)s, %(run)s) as r

-- name: is_settled
select
    exists (
        select 1 from audit.cycles
        where account = %(account)s and config_sha256 = %(config_sha256)s and state = 'DONE' and mode = 'paper'
            and as_of_session = %(last)s
    )
    and (select count(*) from audit.nav_history where account = %(account)s and session > %(last)s) >= %(settled)s

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

-- name: snapshot
set transaction isolation level repeatable read, read only

-- name: where_we_are
select pg_catalog.current_database() as database, c.system_identifier::text as system_identifier
from pg_catalog.pg_control_system() as c

-- name: heads
select h.seq, pg_catalog.encode(h.hash, 'hex') as hash from audit.heads as h

-- name: raw_log
copy (
    select l.seq, l.prev_hash, l.hash, l.payload, l.event, l.account, l.cycle_id, l.actor, l.occurred_at, l.recorded_at
    from audit.audit_log as l
    where l.seq >= %(first)s
    order by l.seq
) to stdout (format binary)

-- name: known_anchors
select a.book, a.line, a.digest, a.host, a.path, a.seq, pg_catalog.encode(a.hash, 'hex') as hash
from audit.anchors as a
where a.seq >= %(first)s
order by a.anchor_id

-- name: last_known_anchor
select a.book, a.line, a.digest, a.host, a.path, a.seq, pg_catalog.encode(a.hash, 'hex') as hash
from audit.anchors as a
where a.host = %(host)s and a.path = %(path)s
order by a.anchor_id desc
limit 1

-- name: anchors_elsewhere
select count(*) as lines from audit.anchors as a where (a.host, a.path) <> (%(host)s, %(path)s)

-- name: record_anchor
select audit.record_anchor(
    %(host)s, %(path)s, %(book)s, %(line)s, %(digest)s, %(seq)s, pg_catalog.decode(%(hash)s, 'hex')
)

-- name: guards
-- Triggers named append_only: strength is A where it fires for a replica's session too; events as pg_trigger.tgtype.
select
    n.nspname || '.' || c.relname as relation, g.tgenabled::text as strength, g.tgtype::integer as events,
    g.tgqual is null and p.proname = 'refuse_change' and pn.nspname = 'audit' as ours
from pg_catalog.pg_trigger as g
    join pg_catalog.pg_class as c on c.oid = g.tgrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_proc as p on p.oid = g.tgfoid
    join pg_catalog.pg_namespace as pn on pn.oid = p.pronamespace
where g.tgname = 'append_only'

-- name: routine_bodies
select p.proname as routine, p.prosrc as body
from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname = 'audit'

-- name: engage_kill_switch
select ops.engage_kill_switch(%(reason)s, 'audit')
-- name: find_cycle
select audit.find_cycle(%(cycle)s, %(account)s)

-- name: explain
select audit.explain(%(cycle_id)s, %(symbol)s)

-- name: explain_json
select audit.explain_json(%(cycle_id)s, %(symbol)s)

-- Alerts: the outbox, and what became of each on each channel.

-- name: enqueue
select notify.enqueue(%(level)s, %(category)s, %(code)s, %(message)s, %(symbol)s, %(account)s, %(detail)s::jsonb,
    %(window_seconds)s)

-- name: claim_deliveries
select c.alert_id, c.attempt, c.level, c.code, c.symbol, c.account, c.message, c.repeats, c.raised_at, c.last_raised_at
from notify.claim_deliveries(%(channel)s, %(level_min)s, %(sender)s, %(lease_seconds)s, %(limit_count)s) as c

-- name: record_delivery
select notify.record_delivery(%(channel)s, %(claims)s::jsonb, %(error)s)

-- name: beat
select notify.beat(%(host)s, %(pid)s, %(interval_seconds)s)

-- name: unsent_alerts
select u.alerts, u.since from notify.unsent_alerts() as u

-- name: waiting
select c.channel, c.waiting from notify.channel_states() as c

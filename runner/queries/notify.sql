-- Alerts: the outbox.

-- name: enqueue
select notify.enqueue(%(level)s, %(category)s, %(code)s, %(message)s, %(symbol)s, %(account)s, %(detail)s::jsonb,
    %(window_seconds)s)

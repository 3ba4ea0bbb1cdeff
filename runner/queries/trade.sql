-- Accounts, orders, fills, marks. Roles fund_operator (accounts), fund_decider (placing, state), fund_broker (the rest).

-- name: open_configured_account
select trade.open_configured_account(%(account)s, %(session)s)

-- name: account
select a.account, a.broker, a.kind from trade.accounts as a where a.account = %(account)s

-- name: account_state
select trade.account_state(%(account)s, %(as_of_session)s)

-- name: place_orders
select client_order_id, symbol, leg, side, quantity, state, refused_by
from trade.place_orders(%(cycle_id)s, %(run)s, %(intents)s::jsonb)

-- name: worker_leases
select worker, order_count, lease_until from trade.worker_leases(%(account)s)

-- name: end_leases
select trade.end_leases(%(account)s, %(worker)s)

-- name: expire_orders
select client_order_id, symbol, trade_session from trade.expire_orders(%(account)s)

-- name: claim_orders
select client_order_id, symbol, side, quantity, order_type, time_in_force, limit_price, stop_price, price_basis, trade_session,
    fencing_token, post_attempt, in_doubt
from trade.claim_orders(%(account)s, %(worker)s, %(lease_seconds)s, %(limit_count)s)

-- name: record_ack
select trade.record_ack(%(client_order_id)s, %(fencing_token)s, %(broker_order_id)s, %(broker_at)s)

-- name: record_end
select trade.record_end(%(client_order_id)s, %(state)s, %(reason)s, %(fencing_token)s, %(broker_at)s)

-- name: return_unsent
select trade.return_unsent(%(client_order_id)s, %(fencing_token)s, %(reason)s)

-- name: working_orders
select client_order_id, broker_order_id, symbol, side, quantity, filled_quantity, order_type, time_in_force, limit_price,
    stop_price, price_basis, trade_session, submitted_at, opens_at, closes_at
from trade.working_orders(%(account)s)

-- name: session_bar
select open, close, price_kind, price_basis from trade.session_bar(%(symbol)s, %(session)s)

-- name: record_fill
select trade.record_fill(%(account)s, %(execution_id)s, %(client_order_id)s, %(quantity)s, %(price)s, %(fee)s, %(price_basis)s,
    %(session)s, %(filled_at)s)

-- name: sessions_to_mark
select session from trade.sessions_to_mark(%(account)s, %(delay_minutes)s) as session

-- name: mark_nav
select trade.mark_nav(%(account)s, %(session)s)

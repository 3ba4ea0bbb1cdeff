-- Accounts, orders, fills, marks. Roles fund_operator (accounts), fund_decider (placing, state), fund_broker (the rest).

-- name: open_configured_account
select trade.open_configured_account(%(account)s, %(session)s)

-- name: account
select a.account, a.broker, a.kind, a.broker_account_id from trade.accounts as a where a.account = %(account)s

-- name: connect_account
select trade.connect_account(%(account)s, %(broker_account_id)s, %(reason)s)

-- name: adopt_account
select trade.adopt_account(%(account)s, %(reason)s)

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
    fencing_token, in_doubt, closes_in_seconds
from trade.claim_orders(%(account)s, %(worker)s, %(lease_seconds)s, %(limit_count)s)

-- name: record_ack
select trade.record_ack(%(client_order_id)s, %(fencing_token)s, %(broker_order_id)s, %(broker_at)s)

-- name: record_end
select trade.record_end(%(client_order_id)s, %(state)s, %(reason)s, %(fencing_token)s, %(broker_at)s)

-- name: send_refusal
select trade.send_refusal(%(client_order_id)s, %(fencing_token)s)

-- name: record_doubt
select trade.record_doubt(%(client_order_id)s, %(fencing_token)s, %(reason)s)

-- name: record_not_found
select trade.record_not_found(%(client_order_id)s, %(fencing_token)s, %(lease_seconds)s)

-- name: protect_positions
select trade.protect_positions(%(account)s)

-- name: cancel_entries
select trade.cancel_entries(%(account)s)

-- name: claim_requests
select request_id, client_order_id, broker_order_id, symbol, fencing_token
from trade.claim_requests(%(account)s, %(worker)s, %(lease_seconds)s, %(limit_count)s)

-- name: record_request
select trade.record_request(%(request_id)s, %(fencing_token)s, %(outcome)s, %(reason)s)

-- name: watermark
select trade.watermark(%(account)s, %(stream)s)

-- name: advance_watermark
select trade.advance_watermark(%(account)s, %(stream)s, %(before)s, %(after)s)

-- name: record_orphans
select trade.record_orphans(%(account)s, %(reports)s::jsonb)

-- name: record_reports
select unbooked, ended from trade.record_reports(%(account)s, %(reports)s::jsonb)

-- name: record_execution
select trade.record_execution(%(account)s, %(execution)s::jsonb)

-- name: record_snapshot
select snapshot_id, clean, verdict, breaks from trade.record_snapshot(%(account)s, %(worker)s, %(body)s::jsonb)

-- name: report_break
select trade.report_break(%(account)s, %(kind)s, %(symbol)s, %(subject)s, %(evidence)s::jsonb)

-- name: open_breaks
select break_id, account, kind, effect, symbol, subject, evidence, raised_at
from trade.open_breaks
where account = coalesce(%(account)s, account)
order by break_id

-- name: resolve_break
select trade.resolve_break(%(break_id)s, %(reason)s, %(accept)s, %(capital)s, %(amount)s::numeric)

-- name: release_gate
select trade.release_gate(%(account)s)

-- name: return_unsent
select trade.return_unsent(%(client_order_id)s, %(fencing_token)s, %(reason)s)

-- name: working_orders
select client_order_id, broker_order_id, symbol, side, quantity, filled_quantity, order_type, time_in_force, limit_price,
    stop_price, price_basis, trade_session, submitted_at, opens_at, closes_at, filled_through, cancel_accepted_at
from trade.working_orders(%(account)s)

-- name: session_bars
select session, opens_at, closes_at, open, high, low, close, volume, price_kind, price_basis, split_factor
from trade.session_bars(%(symbol)s, %(from_session)s)

-- name: exchange_book
select cash, equity from trade.exchange_book(%(account)s)

-- name: apply_corporate_actions
select symbol, ex_date, kind, quantity, cash, session from trade.apply_corporate_actions(%(account)s)

-- name: sessions_to_mark
select session from trade.sessions_to_mark(%(account)s, %(delay_minutes)s) as session

-- name: mark_nav
select trade.mark_nav(%(account)s, %(session)s)

-- name: alert_unprotected_positions
select trade.alert_unprotected_positions(%(account)s)

-- name: alert_unmarkable
select trade.alert_unmarkable(%(account)s, %(session)s)

-- name: liquidations_due
select symbol, side, quantity, trade_session, fault from trade.liquidations_due(%(account)s)

-- name: liquidate_positions
select symbol, side, quantity, client_order_id, fault from trade.liquidate_positions(%(account)s)

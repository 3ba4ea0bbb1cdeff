-- Governance: the pinned configuration and the layers.

-- name: pin_config
select govern.pin_config(%(sha256)s, %(body)s, %(parsed)s::jsonb, %(limits)s::jsonb, %(reason)s)

-- name: pinned_config
select govern.pinned_config()

-- name: effective_limits
select limit_name, threshold from govern.effective_limits order by limit_name

-- name: open_gate
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.open_gate(%(cycle_id)s, %(run)s) order by layer

-- name: check_results
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.check_results(%(cycle_id)s, %(run)s) order by layer

-- name: conclude
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.conclude(%(cycle_id)s, %(run)s) order by layer

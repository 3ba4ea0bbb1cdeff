select
    cycle_id,
    run,
    account,
    state,
    layer,
    reason,
    exit_code,
    opened_at,
    recorded_before,
    closed_at,
    code_version,
    inputs_sha256
from {{ source('decide', 'cycle_runs') }}

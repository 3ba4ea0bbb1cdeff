select
    cycle_id,
    run,
    account,
    layer,
    verdict,
    reason_code,
    decided_at
from {{ source('decide', 'gate_verdicts') }}

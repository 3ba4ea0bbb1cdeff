select
    break_id,
    account,
    reason,
    actor,
    resolved_at
from {{ source('trade', 'break_resolutions') }}

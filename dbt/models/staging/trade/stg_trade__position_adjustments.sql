select
    adjustment_id,
    account,
    symbol,
    quantity,
    reason,
    session,
    occurred_at
from {{ source('trade', 'position_adjustments') }}

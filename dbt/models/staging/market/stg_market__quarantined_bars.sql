select
    quarantine_id,
    batch_id,
    symbol,
    reason,
    (received ->> 'session')::date as session,
    recorded_at
from {{ source('market', 'quarantined_bars') }}

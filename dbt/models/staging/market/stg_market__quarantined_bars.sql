select
    quarantine_id,
    batch_id,
    symbol,
    reason,
    (received ->> 'session')::date as session,
    (received ->> 'open')::double precision as open,
    (received ->> 'high')::double precision as high,
    (received ->> 'low')::double precision as low,
    (received ->> 'close')::double precision as close,
    (received ->> 'volume')::double precision as volume,
    recorded_at
from {{ source('market', 'quarantined_bars') }}

select
    fetch_id,
    provider,
    symbol,
    purpose,
    outcome,
    fault,
    received_at
from {{ source('market', 'fetches') }}

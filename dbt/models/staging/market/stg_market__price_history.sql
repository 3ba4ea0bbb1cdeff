select
    symbol,
    session,
    open,
    high,
    low,
    close,
    adj_close,
    volume,
    provider,
    revision,
    known_at,
    recorded_at
from {{ source('market', 'price_history') }}

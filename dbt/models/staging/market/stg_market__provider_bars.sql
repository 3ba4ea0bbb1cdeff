select
    provider,
    symbol,
    session,
    revision,
    close,
    price_basis,
    known_at,
    recorded_at
from {{ source('market', 'provider_bars') }}

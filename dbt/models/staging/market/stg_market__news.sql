select
    provider,
    symbol,
    story,
    revision,
    published_at,
    source,
    headline,
    headline_sha256,
    symbols,
    known_at,
    recorded_at
from {{ source('market', 'news') }}

select
    provider,
    symbol,
    ex_date,
    kind,
    revision,
    factor,
    known_at,
    recorded_at
from {{ source('market', 'corporate_actions') }}

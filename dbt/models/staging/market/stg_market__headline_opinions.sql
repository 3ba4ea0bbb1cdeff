select
    headline_sha256,
    scorer,
    scorer_version,
    score,
    recorded_at
from {{ source('market', 'headline_opinions') }}

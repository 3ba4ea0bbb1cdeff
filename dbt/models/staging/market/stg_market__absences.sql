select
    symbol,
    session,
    declared_at
from {{ source('market', 'absences') }}

select
    calendar,
    session,
    closes_at,
    session_number
from {{ source('ref', 'sessions') }}

select
    calendar,
    session,
    opens_at,
    closes_at,
    session_number
from {{ source('ref', 'sessions') }}

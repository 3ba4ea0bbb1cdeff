select
    calendar,
    last_session,
    last_closes_at
from {{ source('ref', 'last_sessions') }}

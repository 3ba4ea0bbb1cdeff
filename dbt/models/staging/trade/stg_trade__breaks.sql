select
    break_id,
    account,
    kind,
    symbol,
    subject,
    actor,
    raised_at
from {{ source('trade', 'breaks') }}

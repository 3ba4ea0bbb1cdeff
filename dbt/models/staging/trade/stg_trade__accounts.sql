select
    account,
    broker,
    kind,
    calendar,
    opening_capital,
    opened_at
from {{ source('trade', 'accounts') }}

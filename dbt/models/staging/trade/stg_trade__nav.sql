select
    account,
    session,
    cash,
    long_value,
    short_value,
    nav,
    net_flow,
    period_return
from {{ source('trade', 'nav') }}

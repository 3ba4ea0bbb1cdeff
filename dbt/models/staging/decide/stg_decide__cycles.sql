select
    cycle_id,
    account,
    as_of_session,
    trade_session
from {{ source('decide', 'cycles') }}

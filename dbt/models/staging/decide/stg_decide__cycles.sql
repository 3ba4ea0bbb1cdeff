select
    cycle_id,
    account,
    mode,
    strategy,
    as_of_session,
    slot,
    config_sha256,
    as_of,
    trade_session
from {{ source('decide', 'cycles') }}

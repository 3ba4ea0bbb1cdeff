select
    cycle_id,
    run,
    name,
    method
from {{ source('decide', 'regime_states') }}

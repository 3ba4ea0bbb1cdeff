select
    cycle_id,
    run,
    symbol,
    final_decision,
    agent_results
from {{ source('decide', 'decisions') }}

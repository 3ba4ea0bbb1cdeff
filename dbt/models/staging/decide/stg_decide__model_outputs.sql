select
    cycle_id,
    run,
    account,
    symbol,
    agent,
    score,
    mu,
    sigma,
    confidence,
    abstained
from {{ source('decide', 'model_outputs') }}

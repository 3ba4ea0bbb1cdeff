select
    cycle_id,
    run,
    account,
    symbol,
    agent,
    coalesce(family, 'unknown') as family,
    score,
    mu,
    sigma,
    confidence,
    abstained
from {{ source('decide', 'model_outputs') }}

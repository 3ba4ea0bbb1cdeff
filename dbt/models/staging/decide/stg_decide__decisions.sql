select
    cycle_id,
    run,
    account,
    symbol,
    final_decision,
    position_size,
    stop_loss,
    reason_codes,
    mu_hat,
    sigma_hat,
    conviction,
    data_quality_score,
    provider_confidence,
    agent_results,
    metadata
from {{ source('decide', 'decisions') }}

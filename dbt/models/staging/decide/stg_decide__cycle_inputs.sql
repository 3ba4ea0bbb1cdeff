select
    cycle_id,
    run,
    account,
    symbol,
    in_universe,
    sector,
    governance_state,
    array_to_string(governance_reasons, ', ') as governance_reasons,
    data_quality_score,
    quality,
    provider_confidence,
    valid_sessions,
    last_session,
    last_close,
    price_kind,
    price_basis
from {{ source('decide', 'cycle_inputs') }}

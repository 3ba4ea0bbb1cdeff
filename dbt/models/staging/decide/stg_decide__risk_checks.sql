select
    cycle_id,
    run,
    check_number,
    account,
    limit_name,
    scope,
    symbol,
    observed,
    threshold,
    action,
    factor,
    binding,
    reason
from {{ source('decide', 'risk_checks') }}

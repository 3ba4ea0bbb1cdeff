select
    client_order_id,
    account,
    cycle_id,
    run,
    symbol,
    leg,
    side,
    quantity,
    order_type,
    time_in_force,
    reference_price::numeric as reference_price,
    trade_session,
    state,
    refused_by,
    unsent,
    submitted_at,
    closed_at
from {{ source('trade', 'orders') }}

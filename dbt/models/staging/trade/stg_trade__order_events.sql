select
    event_id,
    client_order_id,
    event,
    from_state,
    to_state,
    occurred_at,
    broker_at,
    account,
    actor
from {{ source('trade', 'order_events') }}

select
    account,
    execution_id,
    client_order_id,
    symbol,
    side,
    quantity,
    price,
    fee,
    session,
    filled_at
from {{ source('trade', 'fills') }}

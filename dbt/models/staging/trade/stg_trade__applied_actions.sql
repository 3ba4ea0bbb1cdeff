select
    account,
    symbol,
    ex_date,
    kind,
    entry,
    factor,
    held,
    quantity,
    cash,
    session,
    adjustment_id,
    entry_id
from {{ source('trade', 'applied_actions') }}

select
    entry_id,
    account,
    kind,
    amount,
    execution_id,
    session,
    occurred_at
from {{ source('trade', 'cash_ledger') }}

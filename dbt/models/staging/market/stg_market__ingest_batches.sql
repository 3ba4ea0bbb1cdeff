select
    batch_id,
    provider,
    symbol,
    kind,
    state,
    rows_received,
    rows_duplicate,
    closed_at
from {{ source('market', 'ingest_batches') }}

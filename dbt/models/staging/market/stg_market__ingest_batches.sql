select
    batch_id,
    provider,
    symbol,
    fetch_id,
    kind,
    state,
    rows_received,
    rows_duplicate,
    duplicate_sessions,
    rows_quarantined,
    rows_added,
    rows_revised,
    rows_superseded,
    first_session,
    last_session,
    closed_at
from {{ source('market', 'ingest_batches') }}

select
    snapshot_id,
    account,
    worker,
    taken_at,
    complete,
    clean,
    verdict
from {{ source('trade', 'broker_snapshots') }}

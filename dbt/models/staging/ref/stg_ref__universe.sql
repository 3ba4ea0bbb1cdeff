select
    symbol,
    sector,
    valid_from,
    valid_to
from {{ source('ref', 'universe') }}

select
    provider,
    priority,
    price_basis
from {{ source('ref', 'providers') }}

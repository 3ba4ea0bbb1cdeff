select
    symbol,
    name,
    asset_class,
    calendar,
    price_kind,
    price_basis,
    tradable,
    is_benchmark
from {{ source('ref', 'instruments') }}

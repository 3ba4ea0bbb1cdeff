select
    layer,
    layer_name,
    built,
    exit_code,
    description
from {{ source('govern', 'layers') }}

-- One feature row for every elected bar: nothing is left out because a family was behind.
select h.symbol, h.session
from {{ ref('stg_market__price_history') }} as h
    left join {{ ref('features') }} as f on f.symbol = h.symbol and f.session = h.session
where f.symbol is null

{{ config(materialized='ephemeral') }}

select
    i.symbol, i.calendar, i.price_kind, i.price_basis, a.as_of_session, a.as_of,
    h.session, h.open, h.high, h.low, h.close, h.provider
from {{ ref('as_of') }} as a
    inner join {{ ref('stg_market__price_history') }} as h on h.session <= a.as_of_session and h.known_at <= a.as_of
    inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = h.symbol

{{ config(materialized='ephemeral') }}

-- Rows that were set aside and whose session still has no elected bar: a defect that a later or better bar has not healed.
select distinct a.as_of_session, q.symbol, q.session, q.reason
from {{ ref('as_of') }} as a
    inner join {{ ref('stg_market__quarantined_bars') }} as q on q.session <= a.as_of_session
where
    not exists (
        select 1 from {{ ref('stg_market__price_history') }} as h
        where h.symbol = q.symbol and h.session = q.session and h.known_at <= a.as_of
    )
    -- Rows set aside before NON_FINITE_VOLUME was a reason say NON_FINITE of a volume too, and F1 vetoes prices alone.
    and (q.reason <> 'NON_FINITE' or calc.bar_defect(q.open, q.high, q.low, q.close, q.volume, false) = 'NON_FINITE')

{{ config(materialized='table', unlogged=true) }}

-- As ruling F9 counts them for prices: only if the elected bar of the ex-date, or of the first session after it, is the same
-- source's; else two sources' word for one split would count twice.
with actions as (
    select distinct on (c.symbol, c.ex_date, c.provider) c.symbol, c.ex_date, c.provider, c.factor, a.as_of_session, a.as_of
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__corporate_actions') }} as c
            on c.known_at <= a.as_of and c.ex_date <= a.as_of_session and c.kind = 'split'
    order by c.symbol, c.ex_date, c.provider, c.revision desc
),

final as (
    select c.symbol, c.ex_date, c.factor
    from actions as c
        cross join lateral (
            select h.provider from {{ ref('stg_market__price_history') }} as h
            where h.symbol = c.symbol and h.session between c.ex_date and c.as_of_session and h.known_at <= c.as_of
            order by h.session limit 1
        ) as elected
    where elected.provider = c.provider and c.factor <> 1
)

select * from final

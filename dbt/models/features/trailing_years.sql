{{ config(materialized='table', unlogged=true) }}

-- Fiscal calendars of 52 or 53 weeks end on another date every year and have quarters of 12 or 16 weeks: hence days of tolerance.
with flows as (
    select * from {{ ref('fundamentals_known') }} where period_months > 0
),

years as (
    select f.* from flows as f where f.period_months = 12
),

to_date as (
    select f.* from flows as f where f.period_months < 12 and not f.is_snapshot
),

rolled as (
    select
        y.symbol, y.metric, y.is_snapshot, q.period_end, y.value + q.value - b.value as value,
        greatest(y.known_at, q.known_at, b.known_at) as known_at, least(y.known_to, q.known_to, b.known_to) as known_to
    from years as y
        -- It begins where the year ends: a quarter that stands alone is no year to date.
        inner join to_date as q
            on q.symbol = y.symbol and q.metric = y.metric and q.period_end > y.period_end
            and abs(q.period_end - y.period_end - q.period_months * 30.4375) <= 31
        inner join to_date as b
            on b.symbol = q.symbol and b.metric = q.metric and b.period_months = q.period_months
            and abs(q.period_end - b.period_end - 365) <= 14
    where not y.is_snapshot
),

final as (
    select y.symbol, y.metric, y.is_snapshot, false as is_rolled, y.period_end, y.value, y.known_at, y.known_to from years as y
    union all
    select r.symbol, r.metric, r.is_snapshot, true, r.period_end, r.value, r.known_at, r.known_to from rolled as r
    where r.known_at < r.known_to
)

select * from final

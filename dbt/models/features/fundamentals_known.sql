{{ config(materialized='table', unlogged=true) }}

-- A restatement leaves standing what it does not mention. Ordered by known_at, not by revision: a filing that arrived late is a
-- higher revision, yet displaces nothing that was public after it. A row about a period that had not ended is a source's mistake.
with facts as (
    -- Back to the oldest month or the fifth year, as old as a statement may be there, and the year before it.
    select
        f.*, f.form = 'snapshot' as is_snapshot, p.priority,
        -- A filing's own count is on the basis of its numbers a share; some sources state it in a row of its own.
        coalesce(f.shares_outstanding, first_value(f.shares_outstanding) over (
            partition by f.provider, f.symbol, f.form, f.filed_at, f.known_at
            order by f.shares_outstanding is null, f.period_end desc, f.period_months desc, f.revision desc
        )) as shares_of_filing
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__fundamentals') }} as f
            on f.known_at <= a.as_of and f.period_end <= (f.known_at at time zone 'America/New_York')::date
            and f.period_end > a.as_of_session
                - (greatest({{ var('own_history_months') }} * 31, 5 * 366) + {{ var('statement_max_age_days') }} + 400)
        inner join {{ ref('stg_ref__providers') }} as p on p.provider = f.provider
),

-- Totals only: a number a share is on the share basis of the filing that states it, and is worth nothing beside another filing's.
numbers as (
    select
        f.symbol, n.metric, f.is_snapshot, f.period_end, case when n.is_flow then f.period_months else 0 end as period_months,
        n.value, f.priority, f.filed_at, f.known_at, f.revision, f.period_months as stated_months
    from facts as f
        cross join lateral (
            values
                ('net_income', true, f.net_income),
                ('revenue', true, f.revenue),
                ('operating_cash_flow', true, f.operating_cash_flow),
                ('dividends_paid', true, f.dividends_paid),
                ('dividends_declared', true, f.dividends_per_share * f.shares_of_filing),
                ('book_value', false, f.book_value),
                ('total_assets', false, f.total_assets),
                ('total_liabilities', false, f.total_liabilities),
                ('shares_outstanding', false, f.shares_outstanding),
                ('market_cap', false, f.market_cap)
        ) as n (metric, is_flow, value)
    where n.value is not null and (not n.is_flow or f.period_months > 0)
),

standing as (
    select
        n.*,
        lead(n.known_at) over (
            partition by n.symbol, n.metric, n.is_snapshot, n.period_end, n.period_months, n.priority
            order by n.known_at, n.filed_at, n.revision, n.stated_months
        ) as restated_at,
        min(n.known_at) over (
            partition by n.symbol, n.metric, n.is_snapshot, n.period_end, n.period_months
            order by n.priority groups between unbounded preceding and 1 preceding
        ) as outranked_at
    from numbers as n
),

final as (
    select
        s.symbol, s.metric, s.is_snapshot, s.period_end, s.period_months, s.value, s.filed_at, s.known_at,
        coalesce(least(s.restated_at, s.outranked_at), 'infinity') as known_to
    from standing as s
    where (s.known_at >= least(s.restated_at, s.outranked_at)) is not true
)

select * from final

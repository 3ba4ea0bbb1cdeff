{{ config(materialized='table', unlogged=true) }}

with as_of as (
    select * from {{ ref('as_of') }}
),

splits as materialized (
    select * from {{ ref('share_splits') }}
),

known as materialized (
    select k.* from {{ ref('fundamentals_known') }} as k where k.known_to = 'infinity'
),

flows as materialized (
    select distinct on (y.symbol, y.metric, y.is_snapshot, y.period_end)
        y.symbol, y.metric, y.is_snapshot, y.period_end, y.is_rolled, y.value, y.known_at
    from {{ ref('trailing_years') }} as y
    where y.known_to = 'infinity'
    order by y.symbol, y.metric, y.is_snapshot, y.period_end, y.is_rolled, y.known_at desc, y.value
),

levels as materialized (
    select distinct on (k.symbol, k.metric, k.is_snapshot, k.period_end)
        k.symbol, k.metric, k.is_snapshot, k.period_end, k.value, (k.filed_at at time zone 'America/New_York')::date as filed_on
    from known as k
    where k.period_months = 0
    order by k.symbol, k.metric, k.is_snapshot, k.period_end, k.known_at desc, k.value
),

-- Twelve months up to each period end, with the balance sheet of that day.
periods as materialized (
    select
        x.symbol, x.is_snapshot, x.period_end, a.as_of_session - x.period_end <= {{ var('statement_max_age_days') }} as is_fresh,
        max(x.value) filter (where x.metric = 'net_income') as net_income,
        max(x.value) filter (where x.metric = 'revenue') as revenue,
        max(x.value) filter (where x.metric = 'operating_cash_flow') as operating_cash_flow,
        max(x.value) filter (where x.metric = 'total_assets') as total_assets,
        max(x.value) filter (where x.metric = 'total_liabilities') as total_liabilities
    from as_of as a
        cross join (
            select f.symbol, f.metric, f.is_snapshot, f.period_end, f.value from flows as f
            union all
            select s.symbol, s.metric, s.is_snapshot, s.period_end, s.value from levels as s
        ) as x
    group by x.symbol, x.is_snapshot, x.period_end, a.as_of_session
),

-- Statements only: what a vendor trails on two dates may be the same twelve months.
pairs as materialized (
    select
        n.symbol, n.period_end, b.period_end as before_end, n.net_income, b.net_income as net_income_before,
        n.revenue, b.revenue as revenue_before, n.operating_cash_flow, n.total_assets, b.total_assets as total_assets_before
    from periods as n
        inner join periods as b on b.symbol = n.symbol and abs(n.period_end - b.period_end - 365) <= 14
    where n.is_fresh and not n.is_snapshot and not b.is_snapshot
),

earnings_pairs as (
    select distinct on (p.symbol) p.* from pairs as p
    where p.net_income is not null and p.net_income_before is not null
    order by p.symbol, p.period_end desc, p.before_end desc
),

revenue_pairs as (
    select distinct on (p.symbol) p.* from pairs as p
    where p.revenue is not null and p.revenue_before is not null
    order by p.symbol, p.period_end desc, p.before_end desc
),

accrual_pairs as (
    select distinct on (p.symbol) p.* from pairs as p
    where num_nulls(p.net_income, p.operating_cash_flow, p.total_assets, p.total_assets_before) = 0
    order by p.symbol, p.period_end desc, p.before_end desc
),

cash_periods as (
    select distinct on (p.symbol) p.* from periods as p
    where p.is_fresh and num_nulls(p.net_income, p.operating_cash_flow) = 0
    order by p.symbol, p.is_snapshot, p.period_end desc
),

balances as (
    select distinct on (p.symbol) p.* from periods as p
    where p.is_fresh and p.total_liabilities is not null and p.total_assets > 0
    order by p.symbol, p.is_snapshot, p.period_end desc
),

fiscal_years as materialized (
    -- The newest and those that ended one to four years (+- 14 days) before it: a change of the calendar begins anew.
    select distinct on (y.symbol, y.years_before) y.symbol, y.period_end, y.value as net_income
    from (
            select
                f.symbol, f.period_end, f.value, max(f.period_end) over w as newest_end,
                max(f.period_end) over w - f.period_end as days_before,
                round((max(f.period_end) over w - f.period_end) / 365.25) as years_before
            from flows as f
            where f.metric = 'net_income' and not f.is_snapshot and not f.is_rolled
            window w as (partition by f.symbol)
        ) as y
        cross join as_of as a
    where
        a.as_of_session - y.newest_end <= {{ var('statement_max_age_days') }} and y.years_before <= 4
        and abs(y.days_before - y.years_before * 365.25) <= 14
    order by y.symbol, y.years_before, y.period_end desc
),

-- Share counts near the period ends that are compared, on the share basis of the as-of session as far as splits are recorded.
share_counts as materialized (
    select distinct on (e.symbol, e.period_end)
        e.symbol, e.period_end, s.value * {{ split_factor('s.symbol', 's.filed_on', 'a.as_of_session') }} as shares
    from as_of as a
        cross join (
            select y.symbol, y.period_end from fiscal_years as y
            union
            select p.symbol, p.period_end from earnings_pairs as p
            union
            select p.symbol, p.before_end from earnings_pairs as p
        ) as e
        inner join levels as s
            on s.symbol = e.symbol and s.metric = 'shares_outstanding' and not s.is_snapshot
            and abs(s.period_end - e.period_end) <= 45
    order by e.symbol, e.period_end, abs(s.period_end - e.period_end), s.period_end desc
),

-- A step in the share count of a fifth or more is a split nobody recorded, or a merger: then totals are compared.
growths as (
    select
        p.symbol,
        case
            when n.shares / b.shares > 0.8 and n.shares / b.shares < 1.25
                then {{ symmetric_growth('p.net_income / n.shares', 'p.net_income_before / b.shares') }}
            else {{ symmetric_growth('p.net_income', 'p.net_income_before') }}
        end as eps_growth
    from earnings_pairs as p
        left join share_counts as n on n.symbol = p.symbol and n.period_end = p.period_end
        left join share_counts as b on b.symbol = p.symbol and b.period_end = p.before_end
),

yearly as (
    select
        y.symbol, y.period_end, y.net_income, s.shares,
        lag(s.shares) over (partition by y.symbol order by y.period_end) as shares_before,
        row_number() over (partition by y.symbol order by y.period_end) as position
    from fiscal_years as y
        left join share_counts as s on s.symbol = y.symbol and s.period_end = y.period_end
),

bases as (
    select
        y.symbol, count(*) as years,
        bool_and(
            y.shares is not null
            and (y.position = 1 or y.shares / y.shares_before > 0.8 and y.shares / y.shares_before < 1.25) is true
        ) as is_per_share
    from yearly as y
    group by y.symbol
),

earnings as (
    select y.symbol, b.years, case when b.is_per_share then y.net_income / y.shares else y.net_income end as value
    from yearly as y
        inner join bases as b on b.symbol = y.symbol
),

medians as (
    select e.symbol, e.years, percentile_cont(0.5) within group (order by e.value) as median
    from earnings as e
    group by e.symbol, e.years
),

deviations as (
    select
        m.symbol, m.years, m.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(e.value - m.median)) as deviation
    from medians as m
        inner join earnings as e on e.symbol = m.symbol
    group by m.symbol, m.years, m.median
),

-- What there is of a symbol, and when the statement of its newest period was public; a snapshot's instant where there is none.
statements as (
    select distinct on (k.symbol) k.symbol, k.known_at
    from known as k
    order by k.symbol, k.is_snapshot, k.period_end desc, k.known_at desc
),

newest as (
    select k.symbol, max(k.known_at) as known_at from known as k group by k.symbol
),

placed as (
    select
        t.symbol, a.as_of_session, n.known_at, t.known_at as filing_known_at, u.sector,
        g.eps_growth,
        case
            when d.years >= 3 and d.median > 0 then d.median / (d.median + d.deviation)
            when d.years >= 3 then 0
        end as eps_stability,
        {{ symmetric_growth('r.revenue', 'r.revenue_before') }} as revenue_growth,
        case when c.net_income > 0 then greatest(-3, least(5, c.operating_cash_flow / c.net_income)) end as cash_conversion,
        b.total_liabilities / b.total_assets as leverage,
        (x.net_income - x.operating_cash_flow) / nullif((x.total_assets + x.total_assets_before) / 2, 0) as accruals,
        coalesce(d.years, 0) as years
    from statements as t
        cross join as_of as a
        inner join newest as n on n.symbol = t.symbol
        left join {{ ref('stg_ref__universe') }} as u
            on u.symbol = t.symbol and a.as_of_session >= u.valid_from and a.as_of_session < u.valid_to and u.sector <> 'Unknown'
        left join growths as g on g.symbol = t.symbol
        left join deviations as d on d.symbol = t.symbol
        left join revenue_pairs as r on r.symbol = t.symbol
        left join cash_periods as c on c.symbol = t.symbol
        left join balances as b on b.symbol = t.symbol
        left join accrual_pairs as x on x.symbol = t.symbol
),

final as (
    select
        symbol, as_of_session, known_at, eps_growth, eps_stability, revenue_growth, cash_conversion, leverage, accruals,
        {{ sector_percentile('eps_growth') }} as eps_growth_sector_pct,
        {{ sector_percentile('eps_stability') }} as eps_stability_sector_pct,
        {{ sector_percentile('revenue_growth') }} as revenue_growth_sector_pct,
        {{ sector_percentile('cash_conversion') }} as cash_conversion_sector_pct,
        {{ sector_percentile('leverage') }} as leverage_sector_pct,
        {{ sector_percentile('accruals') }} as accruals_sector_pct,
        (as_of_session - (filing_known_at at time zone 'America/New_York')::date)::double precision as fundamental_age_days,
        years::double precision as fundamental_periods
    from placed
)

select * from final

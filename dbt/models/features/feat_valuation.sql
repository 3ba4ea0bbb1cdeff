{{ config(materialized='table', unlogged=true) }}

with as_of as (
    select * from {{ ref('as_of') }}
),

levels as (
    select * from {{ ref('fundamentals_known') }}
    where metric in ('book_value', 'shares_outstanding', 'market_cap')
),

years as (
    select * from {{ ref('trailing_years') }} where metric in ('net_income', 'dividends_paid', 'dividends_declared')
),

splits as materialized (
    select * from {{ ref('share_splits') }}
),

spells as (
    select u.symbol, u.sector
    from as_of as a
        inner join {{ ref('stg_ref__universe') }} as u on a.as_of_session >= u.valid_from and a.as_of_session < u.valid_to
    where u.sector <> 'Unknown'
),

days as (
    -- The as-of session, and the last session of each month before.
    select i.calendar, a.as_of_session as session
    from as_of as a
        cross join (select distinct n.calendar from {{ ref('stg_ref__instruments') }} as n) as i
    union all
    select s.calendar, max(s.session)
    from as_of as a
        inner join {{ ref('stg_ref__sessions') }} as s
            on s.session < date_trunc('month', a.as_of_session)::date
            and s.session >= (date_trunc('month', a.as_of_session) - interval '{{ var("own_history_months") }} months')::date
    group by s.calendar, date_trunc('month', s.session)
),

points as materialized (
    select
        i.symbol, d.session, f.close, f.close_adj, i.price_basis, d.session = a.as_of_session as is_now,
        least(a.as_of, s.closes_at + make_interval(mins => {{ var('provider_delay_minutes') }})) as as_of
    from as_of as a
        cross join days as d
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = d.calendar and s.session = d.session
        inner join {{ ref('stg_ref__instruments') }} as i on i.calendar = d.calendar
        inner join {{ ref('features') }} as f on f.symbol = i.symbol and f.session = d.session and f.known_at <= a.as_of
    where i.symbol in (select distinct k.symbol from levels as k union select distinct y.symbol from years as y)
),

stated as (
    select
        y.symbol, y.metric, y.is_snapshot, y.period_end, y.value, null::timestamptz as filed_at, y.known_at, y.known_to,
        {{ var('statement_max_age_days') }} as days_max
    from years as y
    union all
    select
        k.symbol, k.metric, k.is_snapshot, k.period_end, k.value, k.filed_at, k.known_at, k.known_to,
        case when k.metric = 'market_cap' then {{ var('anchor_max_age_days') }} else {{ var('statement_max_age_days') }} end
    from levels as k
),

-- Of each number the newest period known at the point; a vendor's snapshot only where no statement gives it.
newest as (
    select distinct on (p.symbol, p.session, n.metric)
        p.symbol, p.session, n.metric, n.period_end, n.value, n.filed_at, n.known_at
    from points as p
        inner join stated as n
            on n.symbol = p.symbol and n.known_at <= p.as_of and n.known_to > p.as_of
            and p.session - n.period_end between 0 and n.days_max
    order by p.symbol, p.session, n.metric, n.is_snapshot, n.period_end desc, n.known_at desc, n.value
),

inputs as (
    select
        n.symbol, n.session,
        max(n.value) filter (where n.metric = 'net_income') as net_income,
        coalesce(
            max(n.value) filter (where n.metric = 'dividends_paid'), max(n.value) filter (where n.metric = 'dividends_declared')
        ) as dividends,
        max(n.value) filter (where n.metric = 'book_value') as book_value,
        max(n.value) filter (where n.metric = 'shares_outstanding') as shares_outstanding,
        max((n.filed_at at time zone 'America/New_York')::date) filter (where n.metric = 'shares_outstanding') as shares_filed_on,
        max(n.value) filter (where n.metric = 'market_cap') as anchor_cap,
        max(n.period_end) filter (where n.metric = 'market_cap') as anchor_on,
        max(n.known_at) filter (where n.metric in ('net_income', 'book_value')) as filing_known_at,
        max(n.known_at) as known_at
    from newest as n
    group by n.symbol, n.session
),

capitalised as (
    select
        p.symbol, p.session, p.is_now, i.net_income, i.dividends, i.book_value, i.filing_known_at, i.known_at,
        coalesce(
            case when p.price_basis = 'raw' then
                i.shares_outstanding * {{ split_factor('p.symbol', 'i.shares_filed_on', 'p.session') }} * p.close
            end,
            i.anchor_cap * p.close_adj / anchor.close_adj
        ) as market_cap
    from points as p
        inner join inputs as i on i.symbol = p.symbol and i.session = p.session
        left join lateral (
            select f.close_adj from {{ ref('features') }} as f
            where f.symbol = p.symbol and f.session <= i.anchor_on and f.session > i.anchor_on - 7
            order by f.session desc limit 1
        ) as anchor on true
),

ratios as materialized (
    select
        c.symbol, c.session, c.is_now, c.market_cap, c.filing_known_at, c.known_at,
        c.net_income / c.market_cap as earnings_yield,
        c.book_value / c.market_cap as book_to_market,
        c.dividends / c.market_cap as dividend_yield
    from capitalised as c
),

compared as (
    select
        n.symbol, n.market_cap, n.filing_known_at, n.known_at, n.earnings_yield, n.book_to_market, n.dividend_yield,
        {{ own_percentile('n.earnings_yield', 'b.earnings_yield') }} as earnings_yield_own_pct,
        {{ own_percentile('n.book_to_market', 'b.book_to_market') }} as book_to_market_own_pct,
        {{ own_percentile('n.dividend_yield', 'b.dividend_yield') }} as dividend_yield_own_pct
    from ratios as n
        left join ratios as b on b.symbol = n.symbol and not b.is_now
    where n.is_now
    group by n.symbol, n.market_cap, n.filing_known_at, n.known_at, n.earnings_yield, n.book_to_market, n.dividend_yield
),

placed as (
    select c.*, s.sector, a.as_of_session
    from compared as c
        cross join as_of as a
        left join spells as s on s.symbol = c.symbol
),

final as (
    select
        symbol, as_of_session, known_at, market_cap, earnings_yield, book_to_market, dividend_yield,
        earnings_yield - {{ var('risk_free_rate') }} as earnings_yield_excess,
        case when earnings_yield > 0 then 1 / earnings_yield end as pe,
        case when book_to_market > 0 then 1 / book_to_market end as pb,
        {{ sector_percentile('earnings_yield') }} as earnings_yield_sector_pct,
        {{ sector_percentile('book_to_market') }} as book_to_market_sector_pct,
        {{ sector_percentile('dividend_yield') }} as dividend_yield_sector_pct,
        earnings_yield_own_pct, book_to_market_own_pct, dividend_yield_own_pct,
        (as_of_session - (filing_known_at at time zone 'America/New_York')::date)::double precision as valuation_age_days
    from placed
)

select * from final

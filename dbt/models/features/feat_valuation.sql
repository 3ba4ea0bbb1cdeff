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
            on s.session < date_trunc('month', a.as_of_session::timestamp)::date
            and s.session >= (
                date_trunc('month', a.as_of_session::timestamp) - make_interval(months => {{ var('own_history_months') }})
            )::date
    group by s.calendar, date_trunc('month', s.session::timestamp)
),

points as materialized (
    -- Numbered, because a sort by a number costs a third of one by symbol and session.
    select
        row_number() over () as point, i.symbol, d.session, f.close, f.close_adj, i.price_basis,
        d.session = a.as_of_session as is_now,
        least(a.as_of, s.closes_at + make_interval(mins => {{ var('provider_delay_minutes') }})) as as_of
    from as_of as a
        cross join days as d
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = d.calendar and s.session = d.session
        inner join {{ ref('stg_ref__instruments') }} as i on i.calendar = d.calendar
        inner join {{ ref('features') }} as f on f.symbol = i.symbol and f.session = d.session and f.known_at <= a.as_of
    where i.symbol in (select distinct k.symbol from levels as k union select distinct y.symbol from years as y)
),

stated as (
    select y.symbol, y.metric, y.is_snapshot, y.period_end, y.value, null::timestamptz as filed_at, y.known_at, y.known_to
    from years as y
    union all
    select k.symbol, k.metric, k.is_snapshot, k.period_end, k.value, k.filed_at, k.known_at, k.known_to from levels as k
),

-- A number's newest period at any instant: it is that until a later period's is known.
newest as materialized (
    select
        s.*,
        case when s.metric = 'market_cap'
            then {{ var('anchor_max_age_days') }} else {{ var('statement_max_age_days') }}
        end as days_max
    from (
            select
                n.*,
                min(n.known_at) over (
                    partition by n.symbol, n.metric, n.is_snapshot
                    order by n.period_end groups between 1 following and unbounded following
                ) as displaced_at
            from stated as n
        ) as s
    where (s.known_at >= s.displaced_at) is not true
),

-- At most a statement and a snapshot of each number: the snapshot counts only where no statement gives it.
inputs as (
    select
        p.point,
        {%- for metric in [
            'net_income', 'dividends_paid', 'dividends_declared', 'book_value', 'shares_outstanding', 'market_cap'
        ] %}
        coalesce(
            max(n.value) filter (where n.metric = '{{ metric }}' and not n.is_snapshot),
            max(n.value) filter (where n.metric = '{{ metric }}' and n.is_snapshot)
        ) as {{ metric }},
        {%- endfor %}
        coalesce(
            max(n.filed_at) filter (where n.metric = 'shares_outstanding' and not n.is_snapshot),
            max(n.filed_at) filter (where n.metric = 'shares_outstanding' and n.is_snapshot)
        ) as shares_filed_at,
        coalesce(
            max(n.period_end) filter (where n.metric = 'market_cap' and not n.is_snapshot),
            max(n.period_end) filter (where n.metric = 'market_cap' and n.is_snapshot)
        ) as anchor_on,
        {%- for metric in ['net_income', 'book_value'] %}
        coalesce(
            max(n.known_at) filter (where n.metric = '{{ metric }}' and not n.is_snapshot),
            max(n.known_at) filter (where n.metric = '{{ metric }}' and n.is_snapshot)
        ) as {{ metric }}_known_at,
        {%- endfor %}
        max(n.known_at) as known_at
    from points as p
        inner join newest as n
            on n.symbol = p.symbol and n.known_at <= p.as_of and n.known_to > p.as_of and (n.displaced_at <= p.as_of) is not true
            and p.session - n.period_end <= n.days_max
    group by p.point
),

capitalised as (
    select
        p.symbol, p.is_now, i.net_income, i.book_value, coalesce(i.dividends_paid, i.dividends_declared) as dividends,
        greatest(i.net_income_known_at, i.book_value_known_at) as filing_known_at, i.known_at,
        coalesce(
            case when p.price_basis = 'raw' then
                i.shares_outstanding * {{ split_factor('p.symbol', "(i.shares_filed_at at time zone 'America/New_York')::date",
                    'p.session') }} * p.close
            end,
            i.market_cap * p.close_adj / anchor.close_adj
        ) as market_cap
    from points as p
        inner join inputs as i on i.point = p.point
        left join lateral (
            select f.close_adj from {{ ref('features') }} as f
            where f.symbol = p.symbol and f.session <= i.anchor_on and f.session > i.anchor_on - 7
            order by f.session desc limit 1
        ) as anchor on true
),

ratios as (
    select
        c.symbol, c.is_now, c.market_cap, c.filing_known_at, c.known_at,
        c.net_income / c.market_cap as earnings_yield,
        c.book_value / c.market_cap as book_to_market,
        c.dividends / c.market_cap as dividend_yield
    from capitalised as c
),

beside as (
    select
        r.*,
        max(r.earnings_yield) filter (where r.is_now) over per_symbol as earnings_yield_now,
        max(r.book_to_market) filter (where r.is_now) over per_symbol as book_to_market_now,
        max(r.dividend_yield) filter (where r.is_now) over per_symbol as dividend_yield_now
    from ratios as r
    window per_symbol as (partition by r.symbol)
),

compared as (
    select
        b.symbol, b.earnings_yield_now as earnings_yield, b.book_to_market_now as book_to_market,
        b.dividend_yield_now as dividend_yield,
        max(b.market_cap) filter (where b.is_now) as market_cap,
        max(b.filing_known_at) filter (where b.is_now) as filing_known_at,
        max(b.known_at) filter (where b.is_now) as known_at,
        {{ own_percentile('earnings_yield') }} as earnings_yield_own_pct,
        {{ own_percentile('book_to_market') }} as book_to_market_own_pct,
        {{ own_percentile('dividend_yield') }} as dividend_yield_own_pct
    from beside as b
    group by b.symbol, b.earnings_yield_now, b.book_to_market_now, b.dividend_yield_now
    having bool_or(b.is_now)
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
        case when num_nonnulls(earnings_yield, book_to_market) > 0
            then (as_of_session - (filing_known_at at time zone 'America/New_York')::date)::double precision
        end as valuation_age_days
    from placed
)

select * from final

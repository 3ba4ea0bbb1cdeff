{{ config(materialized='table') }}

with as_of as (
    select * from {{ ref('as_of') }}
),

final as (
    select
        i.symbol,
        a.as_of_session,
        a.as_of,
        greatest(v.known_at, f.known_at, s.known_at) as known_at,
        v.market_cap,
        v.earnings_yield,
        v.book_to_market,
        v.dividend_yield,
        v.earnings_yield_excess,
        v.pe,
        v.pb,
        v.earnings_yield_sector_pct,
        v.book_to_market_sector_pct,
        v.dividend_yield_sector_pct,
        v.earnings_yield_own_pct,
        v.book_to_market_own_pct,
        v.dividend_yield_own_pct,
        v.valuation_age_days,
        f.eps_growth,
        f.eps_stability,
        f.revenue_growth,
        f.cash_conversion,
        f.leverage,
        f.accruals,
        f.eps_growth_sector_pct,
        f.eps_stability_sector_pct,
        f.revenue_growth_sector_pct,
        f.cash_conversion_sector_pct,
        f.leverage_sector_pct,
        f.accruals_sector_pct,
        f.fundamental_age_days,
        f.fundamental_periods,
        s.sentiment_score,
        s.sentiment_headlines,
        s.sentiment_weight,
        s.sentiment_dispersion,
        s.sentiment_agreement,
        s.sentiment_volume_ratio,
        s.sentiment_age_days
    from as_of as a
        cross join {{ ref('stg_ref__instruments') }} as i
        left join {{ ref('feat_valuation') }} as v on v.symbol = i.symbol
        left join {{ ref('feat_fundamental') }} as f on f.symbol = i.symbol
        left join {{ ref('feat_sentiment') }} as s on s.symbol = i.symbol
)

select * from final

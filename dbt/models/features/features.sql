{{ config(
    materialized='incremental', unique_key=['symbol', 'session'],
    pre_hook="{{ plan_for_keys(ordered=true) }}",
    indexes=[{'columns': ['symbol', 'session'], 'unique': true}]
) }}


with changes as (
    select
        i.symbol, i.price_kind, i.price_basis,
        {%- if is_incremental() %}
        coalesce(unchanged.n, 0) + 1 as first_n
        {%- else %}
        1 as first_n
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
    {%- if is_incremental() %}
        left join lateral (
            select t.session, t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.session desc limit 1
        ) as newest on true
        left join lateral (
            select m.n from {{ ref('feat_market') }} as m
            where m.symbol = i.symbol and m.recorded_at <= newest.recorded_at and m.session <= newest.session
            order by m.n desc limit 1
        ) as unchanged on true
    {%- endif %}
),

final as (
    -- The join on recorded_at leaves out rows of a family that was not brought up to date: late, never inconsistent.
    select
        c.symbol, p.session, market.known_at, market.recorded_at, c.price_kind, c.price_basis,
        p.close, p.close_adj,
        market.market_return,
        momentum.momentum_21,
        momentum.momentum_63,
        momentum.momentum_252,
        trend.rsi_14,
        trend.macd,
        trend.macd_signal,
        trend.macd_hist,
        trend.macd_hist_sd_126,
        bands.bb_middle_20,
        bands.bb_upper_20,
        bands.bb_lower_20,
        bands.sd_20,
        volatility.realized_vol_20,
        volatility.realized_vol_63,
        volatility.sd_252,
        volatility.atr_14,
        volatility.drawdown_252,
        market.beta_252,
        trend.sma_200
    from changes as c
    {%- if is_incremental() %}
        cross join lateral (
            select m.* from {{ ref('feat_market') }} as m where m.symbol = c.symbol and m.n >= c.first_n offset 0
        ) as market
        cross join lateral (
            select s.* from {{ ref('adjusted_prices') }} as s
            where s.symbol = market.symbol and s.n = market.n and s.recorded_at = market.bar_recorded_at limit 1
        ) as p
    {%- else %}
        inner join {{ ref('feat_market') }} as market on market.symbol = c.symbol
        inner join {{ ref('adjusted_prices') }} as p
            on p.symbol = market.symbol and p.n = market.n and p.recorded_at = market.bar_recorded_at
    {%- endif %}
        {{ family_row(ref('feat_momentum'), 'momentum') }}
        {{ family_row(ref('feat_trend'), 'trend') }}
        {{ family_row(ref('feat_bands'), 'bands') }}
        {{ family_row(ref('feat_volatility'), 'volatility') }}
)

select * from final

{{ config(
    materialized='incremental', unique_key=['symbol', 'session'],
    indexes=[{'columns': ['symbol', 'session'], 'unique': true}]
) }}

with changes as (
    select
        i.symbol, i.price_kind, i.price_basis,
        {%- if is_incremental() %}
        newest.session as newest_session, newest.recorded_at as newest_recorded_at,
        unchanged.last_n is not null and same.symbol is null as is_restated,
        case when same.symbol is null then 0 else unchanged.last_n end as unchanged_n
        {%- else %}
        0 as unchanged_n
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
    {%- if is_incremental() %}
        left join lateral (
            select t.session, t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.session desc limit 1
        ) as newest on true
        left join lateral (
            select
                m.last_n, m.last_session, m.market_return[m.last_n - m.first_n + 1] as market_return,
                m.beta_252[m.last_n - m.first_n + 1] as beta_252
            from {{ ref('feat_risk') }} as m
            where m.symbol = i.symbol and m.recorded_at <= newest.recorded_at and m.last_session <= newest.session
            order by m.last_n desc limit 1
        ) as unchanged on true
        -- Another benchmark is no newer record of anything: it shows in the numbers alone, and they change from the first row on.
        left join {{ this }} as same
            on same.symbol = i.symbol and same.session = unchanged.last_session
                and same.market_return is not distinct from unchanged.market_return
                and same.beta_252 is not distinct from unchanged.beta_252
    {%- endif %}
),

-- Unnested in the select list, side by side: a lateral `rows from` would store each array's rows before it reads them.
sessions as (
    select
        c.symbol, c.price_kind, c.price_basis,
        {%- if is_incremental() %}
        c.newest_session, c.newest_recorded_at, c.is_restated,
        {%- endif %}
        unnest(bars.sessions) as session,
        unnest(risk.known_ats) as known_at,
        unnest(risk.recorded_ats) as recorded_at,
        unnest(bars.closes) as close,
        unnest(bars.closes_adj) as close_adj,
        unnest(risk.market_return) as market_return,
        unnest(price.momentum_21) as momentum_21,
        unnest(price.momentum_63) as momentum_63,
        unnest(price.momentum_252) as momentum_252,
        unnest(price.rsi_14) as rsi_14,
        unnest(price.macd) as macd,
        unnest(price.macd_signal) as macd_signal,
        unnest(price.macd_hist) as macd_hist,
        unnest(price.macd_hist_sd_126) as macd_hist_sd_126,
        unnest(price.bb_middle_20) as bb_middle_20,
        unnest(price.bb_upper_20) as bb_upper_20,
        unnest(price.bb_lower_20) as bb_lower_20,
        unnest(price.sd_20) as sd_20,
        unnest(risk.realized_vol_20) as realized_vol_20,
        unnest(risk.realized_vol_63) as realized_vol_63,
        unnest(risk.sd_252) as sd_252,
        unnest(risk.atr_14) as atr_14,
        unnest(risk.drawdown_252) as drawdown_252,
        unnest(risk.beta_252) as beta_252,
        unnest(price.sma_200) as sma_200
    from changes as c
        cross join lateral (
            -- offset 0: else the bound is compared after the look-up, and a session reads the whole history.
            select m.* from {{ ref('feat_risk') }} as m where m.symbol = c.symbol and m.last_n > c.unchanged_n offset 0
        ) as risk
        {{ beside_risk(ref('adjusted_prices'), 'bars') }}
        {{ beside_risk(ref('feat_price'), 'price') }}
),

final as (
    select
        s.symbol, s.session, s.known_at, s.recorded_at, s.price_kind, s.price_basis, s.close, s.close_adj,
        s.market_return,
        s.momentum_21,
        s.momentum_63,
        s.momentum_252,
        s.rsi_14,
        s.macd,
        s.macd_signal,
        s.macd_hist,
        s.macd_hist_sd_126,
        s.bb_middle_20,
        s.bb_upper_20,
        s.bb_lower_20,
        s.sd_20,
        s.realized_vol_20,
        s.realized_vol_63,
        s.sd_252,
        s.atr_14,
        s.drawdown_252,
        s.beta_252,
        s.sma_200
    from sessions as s
    {%- if is_incremental() %}
    where
        s.is_restated or s.recorded_at > coalesce(s.newest_recorded_at, '-infinity')
        or s.session > s.newest_session
    {%- endif %}
)

select * from final

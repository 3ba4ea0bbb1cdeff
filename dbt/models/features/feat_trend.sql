{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'gain': 'double precision', 'loss': 'double precision',
    'ema_fast': 'double precision', 'ema_slow': 'double precision', 'ema_signal': 'double precision',
    'hist_prefix': 'double precision', 'hist_block': 'double precision',
    'square_prefix': 'double precision', 'square_block': 'double precision',
    'close_prefix': 'double precision', 'close_block': 'double precision'
} -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'n'],
    pre_hook="{{ plan_for_keys() }}",
    unlogged=true, indexes=[{'columns': ['symbol', 'n'], 'unique': true}]
) }}

with changes as (
    {{- changes(prices, carried) }}
),

inputs as (
    select
        c.*, p.recorded_ats, p.closes,
        {{ before(prices, 'close_adj') }} as close_before,
        lag_126.*, lag_200.*
    from changes as c
        cross join lateral (
            select
                array_agg(s.recorded_at order by s.n) as recorded_ats,
                array_agg(s.close_adj order by s.n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.n >= c.first_n
        ) as p
        {{ lagged(this, {'hist_prefix': 'double precision', 'square_prefix': 'double precision'}, 126) }}
        {{ lagged(this, {'close_prefix': 'double precision'}, 200) }}
),

final as (
    select
        i.symbol, (i.first_n - 1 + k.position)::integer as n, k.recorded_at,
        k.rsi_14, k.macd, k.macd_signal, k.macd_hist, k.macd_hist_sd_126, k.sma_200,
        k.gain, k.loss, k.ema_fast, k.ema_slow, k.ema_signal,
        k.hist_prefix, k.hist_block, k.square_prefix, k.square_block, k.close_prefix, k.close_block
    from inputs as i
        cross join lateral rows from (
            unnest(i.recorded_ats),
            calc.rsi(i.first_n, i.closes, i.close_before, i.gain, i.loss),
            calc.macd(
                i.first_n, i.closes, i.ema_fast, i.ema_slow, i.ema_signal,
                i.hist_prefix, i.hist_block, i.hist_prefix_126, i.square_prefix, i.square_block, i.square_prefix_126
            ),
            calc.window_mean(i.first_n, 200, i.closes, i.close_prefix, i.close_block, i.close_prefix_200)
        ) with ordinality as k (
            recorded_at,
            rsi_14, gain, loss,
            macd, macd_signal, macd_hist, macd_hist_sd_126,
            ema_fast, ema_slow, ema_signal, hist_prefix, hist_block, square_prefix, square_block,
            sma_200, close_prefix, close_block,
            position
        )
)

select * from final

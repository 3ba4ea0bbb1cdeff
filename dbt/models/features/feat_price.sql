{#- Three families of the price alone in one model: what a model costs an increment is its segments, not its columns (measured). -#}
{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'close_adj': 'double precision', 'gain': 'double precision', 'loss': 'double precision',
    'ema_fast': 'double precision', 'ema_slow': 'double precision', 'ema_signal': 'double precision',
    'hist_prefix': 'double precision', 'hist_block': 'double precision',
    'square_prefix': 'double precision', 'square_block': 'double precision',
    'close_prefix': 'double precision', 'close_block': 'double precision'
} -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'last_n'], segmented=true,
    unlogged=true, indexes=[{'columns': ['symbol', 'last_n'], 'unique': true}]
) }}

with changes as (
    {{- changes(prices, carried) }}
),

computed as materialized (
    select
        c.symbol, c.first_n, p.first_ns, p.last_ns, p.segments_recorded_at, p.closes,
        k.momentum_21, k.momentum_63, k.momentum_252,
        r.rsi_14, r.gain, r.loss,
        m.macd, m.macd_signal, m.ema_signal, m.macd_hist, m.macd_hist_sd_126, m.ema_fast, m.ema_slow,
        m.hist_prefix as hist_prefixes, m.hist_block, m.square_prefix as square_prefixes, m.square_block,
        w.mean as sma_200, w.prefix as close_prefixes, w.block as close_block,
        b.bb_middle_20, b.bb_upper_20, b.bb_lower_20, b.sd_20
    from changes as c
        cross join lateral (
            select
                array_agg(s.first_n order by s.last_n) as first_ns,
                array_agg(s.last_n order by s.last_n) as last_ns,
                array_agg(s.recorded_at order by s.last_n) as segments_recorded_at,
                calc.concat(s.closes_adj order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n >= c.first_n
        ) as p
        {%- for h in [21, 63, 252] %}
        {{ lagged(prices, {'closes_adj': 'double precision'}, h) }}
        {%- endfor %}
        {{ lagged(this, {'hist_prefixes': 'double precision', 'square_prefixes': 'double precision'}, 126) }}
        {{ lagged(this, {'close_prefixes': 'double precision'}, 200) }}
        -- calc.bands carries no state: it starts with the block of 20 rows before the one the first row lies in.
        cross join lateral (select greatest(1, ((c.first_n - 1) / 20 - 1) * 20 + 1) as first_n) as block
        cross join lateral (
            select calc.concat(s.closes_adj[block.first_n - s.first_n + 1:] order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n between block.first_n and c.first_n - 1
        ) as before
        cross join lateral calc.momentum(
            c.first_n, p.closes, lag_21.closes_adj_21, lag_63.closes_adj_63, lag_252.closes_adj_252
        ) as k
        cross join lateral calc.rsi(c.first_n, p.closes, c.close_adj, c.gain, c.loss) as r
        cross join lateral calc.macd(
            c.first_n, p.closes, c.ema_fast, c.ema_slow, c.ema_signal,
            c.hist_prefix, c.hist_block, lag_126.hist_prefixes_126, c.square_prefix, c.square_block, lag_126.square_prefixes_126
        ) as m
        cross join lateral calc.window_mean(
            c.first_n, 200, p.closes, c.close_prefix, c.close_block, lag_200.close_prefixes_200
        ) as w
        cross join lateral calc.bands(block.first_n, before.closes || p.closes, c.first_n) as b
),

final as (
    select
        k.symbol, s.first_n, s.last_n, s.recorded_at,
        {{- cut({
            'momentum_21': 'k.momentum_21',
            'momentum_63': 'k.momentum_63',
            'momentum_252': 'k.momentum_252',
            'rsi_14': 'k.rsi_14',
            'macd': 'k.macd',
            'macd_signal': 'k.macd_signal',
            'macd_hist': 'k.macd_hist',
            'macd_hist_sd_126': 'k.macd_hist_sd_126',
            'sma_200': 'k.sma_200',
            'bb_middle_20': 'k.bb_middle_20',
            'bb_upper_20': 'k.bb_upper_20',
            'bb_lower_20': 'k.bb_lower_20',
            'sd_20': 'k.sd_20',
            'hist_prefixes': 'k.hist_prefixes',
            'square_prefixes': 'k.square_prefixes',
            'close_prefixes': 'k.close_prefixes'
        }) }},
        k.closes[s.to_i] as close_adj, k.gain[s.to_i] as gain, k.loss[s.to_i] as loss,
        k.ema_fast[s.to_i] as ema_fast, k.ema_slow[s.to_i] as ema_slow, k.ema_signal[s.to_i] as ema_signal,
        k.hist_prefixes[s.to_i] as hist_prefix, k.hist_block[s.to_i] as hist_block, k.square_prefixes[s.to_i] as square_prefix,
        k.square_block[s.to_i] as square_block, k.close_prefixes[s.to_i] as close_prefix, k.close_block[s.to_i] as close_block
    from computed as k
        {{ own_segments() }}
)

select * from final

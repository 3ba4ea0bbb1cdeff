{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'close_adj': 'double precision', 'return_sum': 'double precision', 'return_square': 'double precision',
    'highest': 'double precision', 'highest_n': 'integer', 'mean_range': 'double precision'
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
        v.realized_vol_20, v.realized_vol_63, v.sd_252, v.drawdown_252,
        v.return_sum as return_sums, v.return_square as return_squares, v.highest, v.highest_n, t.atr_14, t.mean_range
    from changes as c
        cross join lateral (
            select
                array_agg(s.first_n order by s.last_n) as first_ns,
                array_agg(s.last_n order by s.last_n) as last_ns,
                array_agg(s.recorded_at order by s.last_n) as segments_recorded_at,
                calc.concat(s.closes_adj order by s.last_n) as closes,
                calc.concat(s.highs_adj order by s.last_n) as highs,
                calc.concat(s.lows_adj order by s.last_n) as lows
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n >= c.first_n
        ) as p
        {%- for h in [20, 63, 252] %}
        {{ lagged(this, {'return_sums': 'double precision', 'return_squares': 'double precision'}, h) }}
        {%- endfor %}
        -- Read only where the highest close leaves the window among the rows to compute.
        cross join lateral (
            select calc.concat(s.closes_adj[c.first_n - 252 - s.first_n + 1:] order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n between c.first_n - 252 and c.first_n - 1 and c.highest_n < c.last_n - 252
        ) as w
        cross join lateral calc.volatility(
            c.first_n, p.closes, c.close_adj, c.return_sum, c.return_square, c.highest, c.highest_n,
            lag_20.return_sums_20, lag_20.return_squares_20, lag_63.return_sums_63, lag_63.return_squares_63,
            lag_252.return_sums_252, lag_252.return_squares_252, w.closes
        ) as v
        cross join lateral calc.atr(c.first_n, p.highs, p.lows, p.closes, c.close_adj, c.mean_range) as t
),

final as (
    select
        k.symbol, s.first_n, s.last_n, s.recorded_at,
        {{- cut({
            'realized_vol_20': 'k.realized_vol_20',
            'realized_vol_63': 'k.realized_vol_63',
            'sd_252': 'k.sd_252',
            'atr_14': 'k.atr_14',
            'drawdown_252': 'k.drawdown_252',
            'return_sums': 'k.return_sums',
            'return_squares': 'k.return_squares'
        }) }},
        k.closes[s.to_i] as close_adj, k.return_sums[s.to_i] as return_sum, k.return_squares[s.to_i] as return_square, k.highest[s.to_i] as highest,
        k.highest_n[s.to_i] as highest_n, k.mean_range[s.to_i] as mean_range
    from computed as k
        {{ own_segments() }}
)

select * from final

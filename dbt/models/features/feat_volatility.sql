{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'return_sum': 'double precision', 'return_square': 'double precision',
    'highest': 'double precision', 'highest_n': 'integer', 'mean_range': 'double precision'
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
        c.*, p.recorded_ats, p.closes, p.highs, p.lows,
        {{ before(prices, 'close_adj') }} as close_before,
        lag_20.*, lag_63.*, lag_252.*,
        -- Read only where the highest close leaves the window among the rows to compute.
        case when c.highest_n < c.last_n - 252 then (
            select array_agg(s.close_adj order by s.n) from {{ prices }} as s
            where s.symbol = c.symbol and s.n between c.first_n - 252 and c.first_n - 1
        ) end as closes_window
    from changes as c
        cross join lateral (
            select
                array_agg(s.recorded_at order by s.n) as recorded_ats,
                array_agg(s.close_adj order by s.n) as closes,
                array_agg(s.high_adj order by s.n) as highs,
                array_agg(s.low_adj order by s.n) as lows
            from {{ prices }} as s
            where s.symbol = c.symbol and s.n >= c.first_n
        ) as p
        {%- for h in [20, 63, 252] %}
        {{ lagged(this, {'return_sum': 'double precision', 'return_square': 'double precision'}, h) }}
        {%- endfor %}
),

final as (
    select
        i.symbol, (i.first_n - 1 + k.position)::integer as n, k.recorded_at,
        k.realized_vol_20, k.realized_vol_63, k.sd_252, k.atr_14, k.drawdown_252,
        k.return_sum, k.return_square, k.highest, k.highest_n, k.mean_range
    from inputs as i
        cross join lateral rows from (
            unnest(i.recorded_ats),
            calc.volatility(
                i.first_n, i.closes, i.close_before, i.return_sum, i.return_square, i.highest, i.highest_n,
                i.return_sum_20, i.return_square_20, i.return_sum_63, i.return_square_63, i.return_sum_252, i.return_square_252,
                i.closes_window
            ),
            calc.atr(i.first_n, i.highs, i.lows, i.closes, i.close_before, i.mean_range)
        ) with ordinality as k (
            recorded_at,
            realized_vol_20, realized_vol_63, sd_252, drawdown_252, return_sum, return_square, highest, highest_n,
            atr_14, mean_range,
            position
        )
)

select * from final

{%- set prices = ref('adjusted_prices') -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'n'],
    pre_hook="{{ plan_for_keys() }}",
    unlogged=true, indexes=[{'columns': ['symbol', 'n'], 'unique': true}]
) }}

with changes as (
    {{- changes(prices, {}) }}
),

inputs as (
    select
        c.symbol, c.first_n, p.recorded_ats, p.closes,
        lag_21.close_adj_21 as closes_21, lag_63.close_adj_63 as closes_63, lag_252.close_adj_252 as closes_252
    from changes as c
        cross join lateral (
            select
                array_agg(s.recorded_at order by s.n) as recorded_ats,
                array_agg(s.close_adj order by s.n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.n >= c.first_n
        ) as p
        {%- for h in [21, 63, 252] %}
        {{ lagged(prices, {'close_adj': 'double precision'}, h) }}
        {%- endfor %}
),

final as (
    select
        i.symbol, (i.first_n - 1 + k.position)::integer as n, k.recorded_at,
        k.momentum_21, k.momentum_63, k.momentum_252
    from inputs as i
        cross join lateral rows from (
            unnest(i.recorded_ats),
            calc.momentum(i.first_n, i.closes, i.closes_21, i.closes_63, i.closes_252)
        ) with ordinality as k (recorded_at, momentum_21, momentum_63, momentum_252, position)
)

select * from final

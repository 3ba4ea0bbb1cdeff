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
        {{ lagged(prices, 'close_adj', 21) }} as closes_21,
        {{ lagged(prices, 'close_adj', 63) }} as closes_63,
        {{ lagged(prices, 'close_adj', 252) }} as closes_252
    from changes as c
        cross join lateral (
            select
                array_agg(s.recorded_at order by s.n) as recorded_ats,
                array_agg(s.close_adj order by s.n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.n >= c.first_n
        ) as p
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

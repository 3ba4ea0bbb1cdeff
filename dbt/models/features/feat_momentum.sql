{%- set prices = ref('adjusted_prices') -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'last_n'], segmented=true,
    unlogged=true, indexes=[{'columns': ['symbol', 'last_n'], 'unique': true}]
) }}

with changes as (
    {{- changes(prices, {}) }}
),

computed as materialized (
    select c.symbol, c.first_n, p.first_ns, p.last_ns, p.segments_recorded_at, k.*
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
        cross join lateral calc.momentum(
            c.first_n, p.closes, lag_21.closes_adj_21, lag_63.closes_adj_63, lag_252.closes_adj_252
        ) as k
),

final as (
    select
        k.symbol, s.first_n, s.last_n, s.recorded_at,
        {{- cut({
            'momentum_21': 'k.momentum_21',
            'momentum_63': 'k.momentum_63',
            'momentum_252': 'k.momentum_252'
        }) }}
    from computed as k
        {{ own_segments() }}
)

select * from final

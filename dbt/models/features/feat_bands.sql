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
        -- calc.bands carries no state: it starts with the block of 20 rows before the one the first row lies in.
        cross join lateral (select greatest(1, ((c.first_n - 1) / 20 - 1) * 20 + 1) as first_n) as b
        cross join lateral (
            select calc.concat(s.closes_adj[b.first_n - s.first_n + 1:] order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n between b.first_n and c.first_n - 1
        ) as w
        cross join lateral calc.bands(b.first_n, w.closes || p.closes, c.first_n) as k
),

final as (
    select
        k.symbol, s.first_n, s.last_n, s.recorded_at,
        {{- cut({
            'bb_middle_20': 'k.bb_middle_20',
            'bb_upper_20': 'k.bb_upper_20',
            'bb_lower_20': 'k.bb_lower_20',
            'sd_20': 'k.sd_20'
        }) }}
    from computed as k
        {{ own_segments() }}
)

select * from final

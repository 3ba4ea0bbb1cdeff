{%- set prices = ref('adjusted_prices') -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'n'],
    pre_hook="{{ plan_for_keys() }}",
    unlogged=true, indexes=[{'columns': ['symbol', 'n'], 'unique': true}]
) }}

with changes as (
    {{- changes(prices, {}) }}
),

blocks as (
    -- calc.bands carries no state: it starts with the block of 20 rows before the one the first row lies in.
    select c.*, greatest(1, ((c.first_n - 1) / 20 - 1) * 20 + 1) as block_n from changes as c
),

inputs as (
    select b.symbol, b.first_n, b.block_n, p.recorded_ats, p.closes
    from blocks as b
        cross join lateral (
            select
                array_agg(s.recorded_at order by s.n) filter (where s.n >= b.first_n) as recorded_ats,
                array_agg(s.close_adj order by s.n) as closes
            from {{ prices }} as s
            where s.symbol = b.symbol and s.n >= b.block_n
        ) as p
),

final as (
    select
        i.symbol, (i.first_n - 1 + k.position)::integer as n, k.recorded_at,
        k.bb_middle_20, k.bb_upper_20, k.bb_lower_20, k.sd_20
    from inputs as i
        cross join lateral rows from (
            unnest(i.recorded_ats),
            calc.bands(i.block_n, i.closes, i.first_n)
        ) with ordinality as k (recorded_at, bb_middle_20, bb_upper_20, bb_lower_20, sd_20, position)
)

select * from final

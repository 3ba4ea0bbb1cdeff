{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'known_at': 'timestamptz', 'recorded_at': 'timestamptz', 'pairs': 'integer',
    'sum_x': 'double precision', 'sum_y': 'double precision', 'sum_xx': 'double precision', 'sum_xy': 'double precision'
} -%}
{%- set sums = {
    'pairs': 'integer', 'sum_x': 'double precision', 'sum_y': 'double precision', 'sum_xx': 'double precision',
    'sum_xy': 'double precision'
} -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'n'],
    pre_hook="{{ plan_for_keys(ordered=true) }}",
    unlogged=true, indexes=[{'columns': ['symbol', 'n'], 'unique': true}]
) }}

-- As macros/changes.sql, with a second source: a row is right up to the last own row and the last session of the benchmark that
-- were recorded when the newest row was built.
with changes as (
    select
        i.symbol, m.benchmark, newest_source.n as last_n,
        {%- if is_incremental() %}
        coalesce(kept.n, 0) + 1 as first_n
        {%- for column in carried %}, kept.{{ column }}{% endfor %}, own_before.close_adj as close_before,
        benchmark_before.close_adj as market_before
        {%- else %}
        1 as first_n
        {%- for column, kind in carried.items() %}, null::{{ kind }} as {{ column }}{% endfor %},
        null::double precision as close_before, null::double precision as market_before
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
        left join {{ ref('benchmarks') }} as m on m.symbol = i.symbol
        cross join lateral (
            select s.n from {{ prices }} as s where s.symbol = i.symbol order by s.n desc limit 1
        ) as newest_source
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at, t.benchmark from {{ this }} as t where t.symbol = i.symbol order by t.n desc limit 1
        ) as newest on true
        left join lateral (
            select s.n from {{ prices }} as s
            where s.symbol = m.benchmark and s.recorded_at <= newest.recorded_at
            order by s.n desc limit 1
        ) as benchmark_unchanged on true
        left join {{ prices }} as benchmark_changed
            on benchmark_changed.symbol = m.benchmark and benchmark_changed.n = coalesce(benchmark_unchanged.n, 0) + 1
        left join lateral (
            select s.n from {{ prices }} as s
            where
                s.symbol = i.symbol and s.recorded_at <= newest.recorded_at
                and s.session < coalesce(benchmark_changed.session, 'infinity')
            order by s.n desc limit 1
        ) as unchanged on true
        left join {{ this }} as kept
            on kept.symbol = i.symbol and kept.n = unchanged.n and newest.benchmark is not distinct from m.benchmark
        left join {{ prices }} as own_before on own_before.symbol = i.symbol and own_before.n = kept.n
        left join {{ prices }} as benchmark_before
            on benchmark_before.symbol = m.benchmark and benchmark_before.session = own_before.session
    where newest_source.n > coalesce(kept.n, 0)
    {%- endif %}
),

inputs as (
    select
        c.*, p.sessions, p.bar_recorded_ats, p.known_ats, p.recorded_ats, p.closes, p.markets, lag_252.*
    from changes as c
        cross join lateral (
            -- Ordered by session, as the index that finds the benchmark's close is: a full refresh merges two scans of it a symbol.
            select
                array_agg(s.session order by s.session) as sessions,
                array_agg(s.recorded_at order by s.session) as bar_recorded_ats,
                array_agg(greatest(s.known_at, b.known_at) order by s.session) as known_ats,
                array_agg(greatest(s.recorded_at, b.recorded_at) order by s.session) as recorded_ats,
                array_agg(s.close_adj order by s.session) as closes,
                array_agg(b.close_adj order by s.session) as markets
            from {{ prices }} as s
                left join {{ prices }} as b on b.symbol = c.benchmark and b.session = s.session
            where s.symbol = c.symbol and s.n >= c.first_n
        ) as p
        {{ lagged(this, sums, 252) }}
),

final as (
    select
        i.symbol, (i.first_n - 1 + k.position)::integer as n, k.session, i.benchmark,
        k.known_at, k.recorded_at, k.bar_recorded_at, k.market_return, k.beta_252,
        k.pairs, k.sum_x, k.sum_y, k.sum_xx, k.sum_xy
    from inputs as i
        cross join lateral rows from (
            unnest(i.sessions), unnest(i.bar_recorded_ats),
            calc.market(
                i.first_n, i.known_at, i.recorded_at, i.known_ats, i.recorded_ats,
                i.closes, i.markets, i.close_before, i.market_before,
                i.pairs, i.sum_x, i.sum_y, i.sum_xx, i.sum_xy,
                i.pairs_252, i.sum_x_252, i.sum_y_252, i.sum_xx_252, i.sum_xy_252
            )
        ) with ordinality as k (
            session, bar_recorded_at,
            known_at, recorded_at, market_return, beta_252, pairs, sum_x, sum_y, sum_xx, sum_xy,
            position
        )
)

select * from final

{#- What a price risks, alone and with its benchmark: two families in one model, as in feat_price.sql. -#}
{%- set prices = ref('adjusted_prices') -%}
{%- set carried = {
    'known_at': 'timestamptz', 'recorded_at': 'timestamptz', 'close_adj': 'double precision', 'market_close': 'double precision',
    'pairs': 'integer', 'sum_x': 'double precision', 'sum_y': 'double precision', 'sum_xx': 'double precision',
    'sum_xy': 'double precision', 'return_sum': 'double precision', 'return_square': 'double precision',
    'highest': 'double precision', 'highest_n': 'integer', 'mean_range': 'double precision'
} -%}
{%- set returns = {'return_sums': 'double precision', 'return_squares': 'double precision'} -%}
{%- set sums = {
    'pairs_sums': 'integer', 'x_sums': 'double precision', 'y_sums': 'double precision', 'xx_sums': 'double precision',
    'xy_sums': 'double precision'
} -%}
{{ config(
    materialized='incremental', unique_key=['symbol', 'last_n'], segmented=true,
    unlogged=true, indexes=[{'columns': ['symbol', 'last_n'], 'unique': true}]
) }}

-- As macros/changes.sql, with a second source: a segment is right up to the last own one and the last session of the benchmark that
-- were recorded when the newest segment was built.
with changes as (
    select
        i.symbol, i.benchmark, newest_source.last_n,
        {%- if is_incremental() %}
        coalesce(kept.last_n, 0) + 1 as first_n, kept.last_session as kept_session
        {%- for column in carried %}, kept.{{ column }}{% endfor %}
        {%- else %}
        1 as first_n, null::date as kept_session
        {%- for column, kind in carried.items() %}, null::{{ kind }} as {{ column }}{% endfor %}
        {%- endif %}
    from (
            -- A union, since there is no key to join by: a nested loop over all pairs took a third of an increment (measured).
            select x.symbol, max(x.benchmark) as benchmark
            from (
                    select b.symbol, b.benchmark from {{ ref('benchmarks') }} as b
                    union all
                    select s.symbol, null from {{ ref('stg_ref__instruments') }} as s
                ) as x
            group by x.symbol
        ) as i
        cross join lateral (
            select s.last_n from {{ prices }} as s where s.symbol = i.symbol order by s.last_n desc limit 1
        ) as newest_source
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at, t.benchmark from {{ this }} as t where t.symbol = i.symbol order by t.last_n desc limit 1
        ) as newest on true
        left join lateral (
            select s.last_n from {{ prices }} as s
            where s.symbol = i.benchmark and s.recorded_at <= newest.recorded_at
            order by s.last_n desc limit 1
        ) as benchmark_unchanged on true
        left join lateral (
            select u.session
            from (
                    select s.sessions, s.recorded_ats from {{ prices }} as s
                    where s.symbol = i.benchmark and s.last_n > coalesce(benchmark_unchanged.last_n, 0)
                    order by s.last_n limit 1
                ) as s
                cross join lateral unnest(s.sessions, s.recorded_ats) as u (session, recorded_at)
            where (u.recorded_at <= newest.recorded_at) is not true
            limit 1
        ) as benchmark_changed on true
        left join lateral (
            select s.last_n from {{ prices }} as s
            where
                s.symbol = i.symbol and s.recorded_at <= newest.recorded_at
                and s.last_session < coalesce(benchmark_changed.session, 'infinity')
            order by s.last_n desc limit 1
        ) as unchanged on true
        left join {{ this }} as kept
            on kept.symbol = i.symbol and kept.last_n = unchanged.last_n and newest.benchmark is not distinct from i.benchmark
    where newest_source.last_n > coalesce(kept.last_n, 0)
    {%- endif %}
),

computed as materialized (
    select
        c.symbol, c.benchmark, c.first_n, p.first_ns, p.last_ns, p.segments_recorded_at, p.sessions, p.closes, b.seen as markets,
        k.known_at as known_ats, k.recorded_at as recorded_ats, k.market_return, k.beta_252, k.pairs as pairs_sums,
        k.sum_x as x_sums, k.sum_y as y_sums, k.sum_xx as xx_sums, k.sum_xy as xy_sums,
        v.realized_vol_20, v.realized_vol_63, v.sd_252, v.drawdown_252,
        v.return_sum as return_sums, v.return_square as return_squares, v.highest, v.highest_n, t.atr_14, t.mean_range
    from changes as c
        cross join lateral (
            select
                array_agg(s.first_n order by s.last_n) as first_ns,
                array_agg(s.last_n order by s.last_n) as last_ns,
                array_agg(s.recorded_at order by s.last_n) as segments_recorded_at,
                calc.concat(s.sessions order by s.last_n) as sessions,
                calc.concat(s.known_ats order by s.last_n) as known_ats,
                calc.concat(s.recorded_ats order by s.last_n) as recorded_ats,
                calc.concat(s.closes_adj order by s.last_n) as closes,
                calc.concat(s.highs_adj order by s.last_n) as highs,
                calc.concat(s.lows_adj order by s.last_n) as lows
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n >= c.first_n
        ) as p
        cross join lateral (
            select
                calc.concat(s.sessions order by s.last_n) as sessions,
                calc.concat(s.known_ats order by s.last_n) as known_ats,
                calc.concat(s.recorded_ats order by s.last_n) as recorded_ats,
                calc.concat(s.closes_adj order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.benchmark and s.last_session > coalesce(c.kept_session, '-infinity')
        ) as m
        cross join lateral calc.on_sessions(p.sessions, m.sessions, m.known_ats, m.recorded_ats, m.closes) as b
        {{ lagged(this, returns, 20) }}
        {{ lagged(this, returns, 63) }}
        {{ lagged(this, dict(sums, **returns), 252) }}
        -- Read only where the highest close leaves the window among the rows to compute.
        cross join lateral (
            select calc.concat(s.closes_adj[c.first_n - 252 - s.first_n + 1:] order by s.last_n) as closes
            from {{ prices }} as s
            where s.symbol = c.symbol and s.last_n between c.first_n - 252 and c.first_n - 1 and c.highest_n < c.last_n - 252
        ) as w
        cross join lateral calc.market(
            c.first_n, c.known_at, c.recorded_at, p.known_ats, p.recorded_ats, p.closes, b.known_ats, b.recorded_ats, b.seen,
            c.close_adj, c.market_close, c.pairs, c.sum_x, c.sum_y, c.sum_xx, c.sum_xy,
            lag_252.pairs_sums_252, lag_252.x_sums_252, lag_252.y_sums_252, lag_252.xx_sums_252, lag_252.xy_sums_252
        ) as k
        cross join lateral calc.volatility(
            c.first_n, p.closes, c.close_adj, c.return_sum, c.return_square, c.highest, c.highest_n,
            lag_20.return_sums_20, lag_20.return_squares_20, lag_63.return_sums_63, lag_63.return_squares_63,
            lag_252.return_sums_252, lag_252.return_squares_252, w.closes
        ) as v
        cross join lateral calc.atr(c.first_n, p.highs, p.lows, p.closes, c.close_adj, c.mean_range) as t
),

final as (
    select
        k.symbol, s.first_n, s.last_n, k.recorded_ats[s.to_i] as recorded_at,
        {{- cut({
            'known_ats': 'k.known_ats',
            'recorded_ats': 'k.recorded_ats',
            'market_return': 'k.market_return',
            'beta_252': 'k.beta_252',
            'pairs_sums': 'k.pairs_sums',
            'x_sums': 'k.x_sums',
            'y_sums': 'k.y_sums',
            'xx_sums': 'k.xx_sums',
            'xy_sums': 'k.xy_sums',
            'realized_vol_20': 'k.realized_vol_20',
            'realized_vol_63': 'k.realized_vol_63',
            'sd_252': 'k.sd_252',
            'drawdown_252': 'k.drawdown_252',
            'atr_14': 'k.atr_14',
            'return_sums': 'k.return_sums',
            'return_squares': 'k.return_squares'
        }) }},
        k.benchmark, s.recorded_at as bar_recorded_at, k.sessions[s.to_i] as last_session, k.known_ats[s.to_i] as known_at,
        k.closes[s.to_i] as close_adj, k.markets[s.to_i] as market_close, k.pairs_sums[s.to_i] as pairs,
        k.x_sums[s.to_i] as sum_x, k.y_sums[s.to_i] as sum_y, k.xx_sums[s.to_i] as sum_xx, k.xy_sums[s.to_i] as sum_xy,
        k.return_sums[s.to_i] as return_sum, k.return_squares[s.to_i] as return_square, k.highest[s.to_i] as highest,
        k.highest_n[s.to_i] as highest_n, k.mean_range[s.to_i] as mean_range
    from computed as k
        {{ own_segments() }}
)

select * from final

{#-
    The one model that reads prices. Recurrences run over arrays, all rows of a symbol at a time (calc.*, in `series`); what a row
    takes from no row before it is written once, on plain columns, in `final`. A row holds what the next one continues from (n,
    carried): an increment looks up the row before a symbol's first new one and those 20, 21, 63, 126, 200 and 252 rows earlier.

    What has changed since a symbol's newest row was built: the bars and actions recorded later than its recorded_at, its own or
    its benchmark's, which benchmark it has, or, by another version, what a row carries. Its rows before the first such session
    stand; from there on they are computed anew. It relies on writers of market data being serialised (ops.locks 'market'): what
    is committed later is recorded later.
-#}
{{ config(
    materialized='incremental', unique_key=['symbol', 'session'],
    indexes=[{'columns': ['symbol', 'session'], 'unique': true}, {'columns': ['symbol', 'n']}]
) }}

with
{%- if is_incremental() %}
newest as materialized (
    select
        i.symbol, i.price_kind, i.price_basis, i.benchmark, t.recorded_at,
        t.benchmark is not distinct from i.benchmark and t.layout = {{ carried_layout() }} as is_continued,
        (
            -- offset 0: min() over the primary key would walk the whole history for its first late row.
            select min(x.changed_from)
            from (
                    select h.session as changed_from from {{ ref('stg_market__price_history') }} as h
                    where h.symbol = i.symbol and h.recorded_at > coalesce(t.recorded_at, '-infinity')
                    union all
                    select a.ex_date from {{ ref('stg_market__corporate_actions') }} as a
                    where a.symbol = i.symbol and a.recorded_at > coalesce(t.recorded_at, '-infinity')
                    offset 0
                ) as x
        ) as changed_from
    from (
            -- A union, since there is no key to join by: a nested loop over all pairs took a third of an increment (measured).
            select y.symbol, max(y.price_kind) as price_kind, max(y.price_basis) as price_basis, max(y.benchmark) as benchmark
            from (
                    select b.symbol, null as price_kind, null as price_basis, b.benchmark from {{ ref('benchmarks') }} as b
                    union all
                    select s.symbol, s.price_kind, s.price_basis, null from {{ ref('stg_ref__instruments') }} as s
                ) as y
            group by y.symbol
        ) as i
        left join lateral (
            select f.recorded_at, f.benchmark, f.carried[{{ carried() | length + 1 }}] as layout
            from {{ this }} as f where f.symbol = i.symbol order by f.session desc limit 1
        ) as t on true
),

-- The benchmarks, which are few: a symbol's is found without a look-up of its own.
market_changes as materialized (
    select n.symbol, n.changed_from
    from newest as n
    where n.symbol = any(array(select distinct o.benchmark from newest as o))
),

changes as materialized (
    select
        s.symbol, s.price_kind, s.price_basis, s.benchmark, coalesce(kept.n, 0) + 1 as first_n,
        kept.session as kept_session, kept.known_at, kept.recorded_at, kept.close_adj, kept.carried
    from (
            select
                n.symbol, n.price_kind, n.price_basis, n.benchmark,
                case
                    when n.recorded_at is null then n.changed_from
                    when n.is_continued then least(n.changed_from, m.changed_from)
                    else '-infinity'
                end as changed_from
            from newest as n
                left join market_changes as m on m.symbol = n.benchmark
        ) as s
        left join lateral (
            select t.n, t.session, t.known_at, t.recorded_at, t.close_adj, t.carried from {{ this }} as t
            where t.symbol = s.symbol and t.session < s.changed_from order by t.session desc limit 1
        ) as kept on true
    -- Not a symbol that ended while its benchmark goes on: it alone would have the benchmark read from its end on, every day.
    where
        s.changed_from is not null
        and exists (
            select from {{ ref('stg_market__price_history') }} as h
            where h.symbol = s.symbol and h.session > coalesce(kept.session, '-infinity')
        )
),

-- A benchmark's series from the earliest session any of its symbols asks for.
market_starts as (
    select
        g.symbol, kept.session as kept_session, kept.known_at, kept.recorded_at, kept.carried
    from (
            select c.benchmark as symbol, min(coalesce(c.kept_session, '-infinity')) as kept_session
            from changes as c
            where c.benchmark is not null
            group by c.benchmark
        ) as g
        left join lateral (
            select t.session, t.known_at, t.recorded_at, t.carried from {{ this }} as t
            where t.symbol = g.symbol and t.session <= g.kept_session order by t.session desc limit 1
        ) as kept on true
),
{%- else %}
changes as (
    select
        i.symbol, i.price_kind, i.price_basis, b.benchmark, 1 as first_n, null::date as kept_session,
        null::timestamptz as known_at, null::timestamptz as recorded_at,
        null::double precision as close_adj, null::double precision[] as carried
    from {{ ref('stg_ref__instruments') }} as i
        left join {{ ref('benchmarks') }} as b on b.symbol = i.symbol
),

market_starts as (
    select
        i.symbol, null::date as kept_session, null::timestamptz as known_at, null::timestamptz as recorded_at,
        null::double precision[] as carried
    from {{ ref('stg_ref__instruments') }} as i
    where i.is_benchmark
),
{%- endif %}

markets as {{ "materialized" if is_incremental() else "not materialized" }} (
    select m.symbol, b.sessions, k.known_ats, k.recorded_ats, k.closes_adj
    from market_starts as m
    {{- price_series('m') }}
),

prices as (
    select
        c.symbol, c.price_kind, c.price_basis, c.benchmark, c.first_n, c.first_n - 1 + cardinality(b.sessions) as last_n,
        c.close_adj, c.carried, b.sessions, b.closes, k.known_ats, k.recorded_ats,
        k.factors, k.closes_adj, k.highs_adj, k.lows_adj
    from changes as c
    {{- price_series('c') }}
),

-- Row i of those to compute from element i of each array; behind an offset, so that the formulas read columns. It is a bigint at
-- once: one that has to be cast is to the planner one that may skip rows, and would keep the formulas in one process (measured).
series as (
    select
        c.symbol, c.price_kind, c.price_basis, c.benchmark,
        c.first_n - 1 + i as n,
        c.sessions[i] as session,
        greatest(c.known_ats[i], market.known_ats[i]) as known_at,
        greatest(c.recorded_ats[i], market.recorded_ats[i]) as recorded_at,
        c.closes[i] as close,
        c.factors[i] as factor,
        c.closes_adj[i] as close_adj,
        {{ earlier('c.closes_adj', 21, 'close_adj') }} as close_21,
        {{ earlier('c.closes_adj', 63, 'close_adj') }} as close_63,
        {{ earlier('c.closes_adj', 252, 'close_adj') }} as close_252,
        nullif(market.seen[i], 0) as market_close,
        {%- if is_incremental() %}
        case when i > 1 then nullif(market.seen[i - 1], 0) else {{ was('market_close') }} end as market_close_before,
        {%- else %}
        nullif(market.seen[i - 1], 0) as market_close_before,
        {%- endif %}
        rsi.gain[i] as gain,
        rsi.loss[i] as loss,
        macd.ema_fast[i] as ema_fast,
        macd.ema_slow[i] as ema_slow,
        macd.ema_signal[i] as ema_signal,
        hist.prefix[i] as hist_prefix,
        hist.block[i] as hist_block,
        {{ earlier('hist.prefix', 126, 'hist_prefix') }} as hist_prefix_126,
        hist.square_prefix[i] as square_prefix,
        hist.square_block[i] as square_block,
        {{ earlier('hist.square_prefix', 126, 'square_prefix') }} as square_prefix_126,
        closes.prefix[i] as close_prefix,
        closes.block[i] as close_block,
        {{ earlier('closes.prefix', 200, 'close_prefix') }} as close_prefix_200,
        bands.reference[i] as band_reference,
        bands.prefix[i] as band_prefix,
        bands.rest[i] as band_rest,
        bands.square_prefix[i] as band_square_prefix,
        bands.square_rest[i] as band_square_rest,
        ret.return_sum[i] as return_sum,
        ret.return_square[i] as return_square,
        {%- for h in [20, 63, 252] %}
        {{ earlier('ret.return_sum', h, 'return_sum') }} as return_sum_{{ h }},
        {{ earlier('ret.return_square', h, 'return_square') }} as return_square_{{ h }},
        {%- endfor %}
        ret.highest[i] as highest,
        ret.highest_n[i] as highest_n,
        {%- for name in ['pairs', 'sum_x', 'sum_y', 'sum_xx', 'sum_xy'] %}
        (pair.{{ name }})[i] as {{ name }},
        {{ earlier('pair.' ~ name, 252, name) }} as {{ name }}_252,
        {%- endfor %}
        atr.mean_ranges[i] as mean_range
    from prices as c
        left join markets as m on m.symbol = c.benchmark
        {{- stored_before(20, {'return_sum': was('return_sum', 'x'), 'return_square': was('return_square', 'x')}) }}
        {{- stored_before(21, {'close_adj': 'x.close_adj'}) }}
        {{- stored_before(63, {
            'close_adj': 'x.close_adj', 'return_sum': was('return_sum', 'x'), 'return_square': was('return_square', 'x')
        }) }}
        {{- stored_before(126, {'hist_prefix': was('hist_prefix', 'x'), 'square_prefix': was('square_prefix', 'x')}) }}
        {{- stored_before(200, {'close_prefix': was('close_prefix', 'x')}) }}
        {{- stored_before(252, {
            'close_adj': 'x.close_adj', 'return_sum': was('return_sum', 'x'), 'return_square': was('return_square', 'x'),
            'pairs': was('pairs', 'x'), 'sum_x': was('sum_x', 'x'), 'sum_y': was('sum_y', 'x'), 'sum_xx': was('sum_xx', 'x'),
            'sum_xy': was('sum_xy', 'x')
        }) }}
        {%- if is_incremental() %}
        -- calc.band_sums carries no state: it starts with the block of 20 rows before the one the first row lies in.
        cross join lateral (
            select min(x.n) as first_n, array_agg(x.close_adj order by x.n) as closes from {{ this }} as x
            where x.symbol = c.symbol and x.n between greatest(1, ((c.first_n - 1) / 20 - 1) * 20 + 1) and c.first_n - 1
        ) as block
        -- Read only where the highest close leaves the window among the rows to compute.
        cross join lateral (
            select array_agg(x.close_adj order by x.n) as closes from {{ this }} as x
            where
                x.symbol = c.symbol and x.n between c.first_n - 252 and c.first_n - 1
                and {{ was('highest_n') }} < c.last_n - 252
        ) as high
        {%- endif %}
        cross join lateral calc.on_sessions(c.sessions, m.sessions, m.known_ats, m.recorded_ats, m.closes_adj) as market
        cross join lateral calc.gains_losses(
            c.first_n, c.closes_adj, c.close_adj, {{ was('gain') }}, {{ was('loss') }}
        ) as rsi
        cross join lateral calc.macd_averages(
            c.first_n, c.closes_adj, {{ was('ema_fast') }}, {{ was('ema_slow') }}, {{ was('ema_signal') }}
        ) as macd
        -- The histogram's blocks begin with its first row, the 34th.
        cross join lateral calc.block_sums(
            c.first_n - 33, 126, macd.hist, true,
            {{ was('hist_prefix') }}, {{ was('hist_block') }}, {{ was('square_prefix') }}, {{ was('square_block') }}
        ) as hist
        cross join lateral calc.block_sums(
            c.first_n, 200, c.closes_adj, false, {{ was('close_prefix') }}, {{ was('close_block') }}, null, null
        ) as closes
        cross join lateral calc.band_sums(
            {%- if is_incremental() %}
            coalesce(block.first_n, 1), block.closes || c.closes_adj, c.first_n
            {%- else %}
            1, c.closes_adj, 1
            {%- endif %}
        ) as bands
        cross join lateral calc.return_sums(
            c.first_n, c.closes_adj, c.close_adj, {{ was('return_sum') }}, {{ was('return_square') }},
            {{ was('highest') }}, {{ was('highest_n') }}::integer, {{ "high.closes" if is_incremental() else "null" }}
        ) as ret
        cross join lateral calc.pair_sums(
            c.closes_adj, market.seen, c.close_adj, {{ was('market_close') }},
            {{ was('pairs') }}, {{ was('sum_x') }}, {{ was('sum_y') }}, {{ was('sum_xx') }}, {{ was('sum_xy') }}
        ) as pair
        cross join lateral calc.true_range_means(
            c.first_n, c.highs_adj, c.lows_adj, c.closes_adj, c.close_adj, {{ was('mean_range') }}
        ) as atr (mean_ranges)
        cross join lateral generate_series(1, cardinality(c.sessions)) as i
    offset bigint '0'
),

windows as (
    select
        s.*,
        s.hist_prefix + (s.hist_block - s.hist_prefix_126) as hist_126,
        s.square_prefix + (s.square_block - s.square_prefix_126) as square_126,
        (s.band_prefix + s.band_rest) / 20 as band_mean, (s.band_square_prefix + s.band_square_rest) / 20 as band_square,
        s.return_sum - s.return_sum_20 as return_20, s.return_square - s.return_square_20 as square_20,
        s.return_sum - s.return_sum_63 as return_63, s.return_square - s.return_square_63 as square_63,
        s.return_sum - s.return_sum_252 as return_252, s.return_square - s.return_square_252 as square_252,
        s.pairs - coalesce(s.pairs_252, 0) as m,
        s.sum_x - coalesce(s.sum_x_252, 0) as x, s.sum_y - coalesce(s.sum_y_252, 0) as y,
        s.sum_xx - coalesce(s.sum_xx_252, 0) as xx, s.sum_xy - coalesce(s.sum_xy_252, 0) as xy
    from series as s
),

spreads as (
    select
        w.*,
        sqrt(greatest(0, w.band_square - w.band_mean * w.band_mean)) as band_sd,
        nullif(greatest(0, w.xx - w.x * w.x / nullif(w.m, 0)), 0) as market_spread
    from windows as w
),

final as (
    select
        w.symbol, w.session, w.n,
        w.known_at, w.recorded_at, w.price_kind, w.price_basis, w.benchmark, w.close, w.close_adj,
        w.market_close / w.market_close_before - 1 as market_return,
        ln(w.close_adj / w.close_21) as momentum_21,
        ln(w.close_adj / w.close_63) as momentum_63,
        ln(w.close_adj / w.close_252) as momentum_252,
        -- Without any change in the window it is 0, as TA-Lib's.
        case when w.n >= 15 then coalesce(100 * (w.gain / nullif(w.gain + w.loss, 0)), 0) end as rsi_14,
        case when w.n >= 34 then w.ema_fast - w.ema_slow end as macd,
        case when w.n >= 34 then w.ema_signal end as macd_signal,
        case when w.n >= 34 then w.ema_fast - w.ema_slow - w.ema_signal end as macd_hist,
        case when w.n >= 159 then sqrt(greatest(0, w.square_126 - w.hist_126 * w.hist_126 / 126) / 125) end as macd_hist_sd_126,
        case when w.n >= 20 then w.band_reference + w.band_mean end as bb_middle_20,
        case when w.n >= 20 then w.band_reference + w.band_mean + 2 * w.band_sd end as bb_upper_20,
        case when w.n >= 20 then w.band_reference + w.band_mean - 2 * w.band_sd end as bb_lower_20,
        case when w.n >= 20 then w.band_sd end as sd_20,
        {%- for h in [20, 63] %}
        case when w.n > {{ h }} then
            sqrt(greatest(0, w.square_{{ h }} - w.return_{{ h }} * w.return_{{ h }} / {{ h }}) / {{ h - 1 }})
            * sqrt(252::double precision)
        end as realized_vol_{{ h }},
        {%- endfor %}
        case when w.n > 252 then sqrt(greatest(0, w.square_252 - w.return_252 * w.return_252 / 252) / 251) end as sd_252,
        case when w.n >= 15 then w.mean_range end as atr_14,
        case when w.n > 252 then 1 - w.close_adj / w.highest end as drawdown_252,
        case when w.m >= 120 then (w.xy - w.x * w.y / w.m) / w.market_spread end as beta_252,
        case when w.n >= 200 then (w.close_prefix + (w.close_block - coalesce(w.close_prefix_200, 0))) / 200 end as sma_200,
        array[
            {%- for name in carried() %}
            w.{{ name }},
            {%- endfor %}
            {{ carried_layout() }}
        ]::double precision[] as carried
    from spreads as w
)

select * from final

{#- The one model that reads market data; every family reads this. A change is found as in macros/changes.sql, but against the
    bars and actions themselves: those recorded later than what the symbol's newest row was built from. -#}
{{ config(
    materialized='incremental', unique_key=['symbol', 'n'],
    pre_hook="{{ plan_for_keys() }}",
    unlogged=true,
    indexes=[{'columns': ['symbol', 'n'], 'unique': true}, {'columns': ['symbol', 'session'], 'unique': true}]
) }}

with changes as (
    select
        i.symbol, bounds.first_stored,
        {%- if is_incremental() %}
        coalesce(kept.n, 0) + 1 as first_n, kept.session as kept_session, kept.factor, kept.known_at, kept.recorded_at
        {%- else %}
        1 as first_n, null::date as kept_session, null::double precision as factor, null::timestamptz as known_at,
        null::timestamptz as recorded_at
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
        cross join lateral (
            select h.session as first_stored from {{ ref('stg_market__price_history') }} as h
            where h.symbol = i.symbol order by h.session limit 1
        ) as bounds
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.n desc limit 1
        ) as newest on true
        left join lateral (
            -- offset 0: min() over the primary key would walk the whole history for its first late row.
            select min(x.changed_from) as changed_from
            from (
                    select h.session as changed_from from {{ ref('stg_market__price_history') }} as h
                    where h.symbol = i.symbol and h.recorded_at > coalesce(newest.recorded_at, '-infinity')
                    union all
                    select a.ex_date from {{ ref('stg_market__corporate_actions') }} as a
                    where a.symbol = i.symbol and a.recorded_at > coalesce(newest.recorded_at, '-infinity')
                    offset 0
                ) as x
        ) as change on true
        left join lateral (
            select t.n, t.session, t.factor, t.known_at, t.recorded_at from {{ this }} as t
            where t.symbol = i.symbol and t.session < change.changed_from order by t.n desc limit 1
        ) as kept on true
    where change.changed_from is not null
    {%- endif %}
),

bars as (
    select
        c.symbol,
        array_agg(h.session order by h.session) as sessions,
        array_agg(h.provider order by h.session) as providers,
        array_agg(h.close order by h.session) as closes,
        array_agg(h.high order by h.session) as highs,
        array_agg(h.low order by h.session) as lows,
        array_agg(h.known_at order by h.session) as known_ats,
        array_agg(h.recorded_at order by h.session) as recorded_ats
    from changes as c
        {% if is_incremental() -%}
        cross join lateral (
            select p.* from {{ ref('stg_market__price_history') }} as p
            where p.symbol = c.symbol and p.session > coalesce(c.kept_session, '-infinity')
        ) as h
        {%- else -%}
        inner join {{ ref('stg_market__price_history') }} as h on h.symbol = c.symbol
        {%- endif %}
    group by c.symbol
),

actions as (
    select
        a.symbol,
        array_agg(a.ex_date order by a.ex_date, a.kind desc, a.provider) as ex_dates,
        array_agg(a.provider order by a.ex_date, a.kind desc, a.provider) as providers,
        array_agg(a.factor order by a.ex_date, a.kind desc, a.provider) as factors,
        array_agg(a.known_at order by a.ex_date, a.kind desc, a.provider) as known_ats,
        array_agg(a.recorded_at order by a.ex_date, a.kind desc, a.provider) as recorded_ats
    from (
            select distinct on (x.symbol, x.ex_date, x.kind, x.provider)
                x.symbol, x.ex_date, x.kind, x.provider, x.factor, x.known_at, x.recorded_at
            from changes as c
                inner join {{ ref('stg_market__corporate_actions') }} as x
                    on x.symbol = c.symbol and x.ex_date > coalesce(c.kept_session, '-infinity')
            order by x.symbol, x.ex_date, x.kind, x.provider, x.revision desc
        ) as a
    group by a.symbol
),

final as (
    select
        c.symbol,
        (c.first_n - 1 + p.position)::integer as n,
        p.session, p.known_at, p.recorded_at, p.close, p.factor, p.close_adj, p.high_adj, p.low_adj
    from changes as c
        inner join bars as b on b.symbol = c.symbol
        left join actions as a on a.symbol = c.symbol
        cross join lateral calc.price_series(
            coalesce(c.kept_session, c.first_stored), coalesce(c.factor, 1.0::double precision), c.known_at, c.recorded_at,
            b.sessions, b.providers, b.closes, b.highs, b.lows, b.known_ats, b.recorded_ats,
            a.ex_dates, a.providers, a.factors, a.known_ats, a.recorded_ats
        ) with ordinality as p (session, known_at, recorded_at, close, factor, close_adj, high_adj, low_adj, position)
)

select * from final

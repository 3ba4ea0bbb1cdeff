{#- The one model that reads market data; feat_price and feat_risk read this. A change is found as in macros/changes.sql, but against the
    bars and actions themselves: those recorded later than what the symbol's newest segment was built from. -#}
{{ config(
    materialized='incremental', unique_key=['symbol', 'last_n'], segmented=true,
    unlogged=true,
    indexes=[{'columns': ['symbol', 'last_n'], 'unique': true}, {'columns': ['symbol', 'last_session']}]
) }}

with changes as (
    select
        i.symbol,
        {%- if is_incremental() %}
        coalesce(kept.last_n, 0) + 1 as first_n, kept.last_session as kept_session, kept.factor, kept.known_at, kept.recorded_at
        {%- else %}
        1 as first_n, null::date as kept_session, null::double precision as factor, null::timestamptz as known_at,
        null::timestamptz as recorded_at
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.last_n desc limit 1
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
            select t.last_n, t.last_session, t.factor, t.known_at, t.recorded_at from {{ this }} as t
            where t.symbol = i.symbol and t.last_session < change.changed_from order by t.last_n desc limit 1
        ) as kept on true
    where change.changed_from is not null
    {%- endif %}
),

computed as materialized (
    select c.symbol, c.first_n, b.sessions, b.closes, k.*
    from changes as c
        cross join lateral (
            select
                array_agg(h.session order by h.session) as sessions,
                array_agg(h.provider order by h.session) as providers,
                array_agg(h.close order by h.session) as closes,
                array_agg(h.high order by h.session) as highs,
                array_agg(h.low order by h.session) as lows,
                array_agg(h.known_at order by h.session) as known_ats,
                array_agg(h.recorded_at order by h.session) as recorded_ats
            from {{ ref('stg_market__price_history') }} as h
            where h.symbol = c.symbol and h.session > coalesce(c.kept_session, '-infinity')
        ) as b
        cross join lateral (
            select
                array_agg(x.ex_date order by x.ex_date, x.kind desc, x.provider) as ex_dates,
                array_agg(x.provider order by x.ex_date, x.kind desc, x.provider) as providers,
                array_agg(x.factor order by x.ex_date, x.kind desc, x.provider) as factors,
                array_agg(x.known_at order by x.ex_date, x.kind desc, x.provider) as known_ats,
                array_agg(x.recorded_at order by x.ex_date, x.kind desc, x.provider) as recorded_ats
            from (
                    select distinct on (r.ex_date, r.kind, r.provider)
                        r.ex_date, r.kind, r.provider, r.factor, r.known_at, r.recorded_at
                    from {{ ref('stg_market__corporate_actions') }} as r
                    where r.symbol = c.symbol and r.ex_date > coalesce(c.kept_session, '-infinity')
                    order by r.ex_date, r.kind, r.provider, r.revision desc
                ) as x
        ) as a
        cross join lateral calc.price_series(
            coalesce(c.kept_session, b.sessions[1]), coalesce(c.factor, 1.0::double precision), c.known_at, c.recorded_at,
            b.sessions, b.providers, b.closes, b.highs, b.lows, b.known_ats, b.recorded_ats,
            a.ex_dates, a.providers, a.factors, a.known_ats, a.recorded_ats
        ) as k (known_ats, recorded_ats, factors, closes_adj, highs_adj, lows_adj)
    where b.sessions is not null
),

final as (
    select
        k.symbol, k.first_n - 1 + s.from_i as first_n, k.first_n - 1 + s.to_i as last_n, k.sessions[s.to_i] as last_session,
        k.known_ats[s.to_i] as known_at, k.recorded_ats[s.to_i] as recorded_at, k.factors[s.to_i] as factor,
        {{- cut({
            'sessions': 'k.sessions', 'known_ats': 'k.known_ats', 'recorded_ats': 'k.recorded_ats', 'closes': 'k.closes',
            'factors': 'k.factors', 'closes_adj': 'k.closes_adj', 'highs_adj': 'k.highs_adj', 'lows_adj': 'k.lows_adj'
        }) }}
    from computed as k
        cross join lateral (
            select g.i as from_i, least(g.i + {{ segment_rows() }} - 1, cardinality(k.sessions)) as to_i
            from generate_series(1, cardinality(k.sessions), {{ segment_rows() }}) as g (i)
        ) as s
)

select * from final

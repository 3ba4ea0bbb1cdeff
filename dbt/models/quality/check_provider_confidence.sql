with recent as materialized (
    select b.symbol, b.as_of, b.session, b.session_before, b.close, b.close_before, b.provider, b.price_basis
    from (
            select
                x.*,
                lag(x.session) over (partition by x.symbol order by x.session) as session_before,
                lag(x.close) over (partition by x.symbol order by x.session) as close_before,
                row_number() over (partition by x.symbol order by x.session desc) as position
            from ({{ bars_as_of(var('confidence_window_sessions') + 1) }}) as x
        ) as b
    where b.position <= {{ var('confidence_window_sessions') }} and b.session_before is not null
),

actions as materialized (
    select distinct on (c.symbol, c.ex_date, c.kind, c.provider)
        c.symbol, c.ex_date, c.kind, c.provider, c.factor
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__corporate_actions') }} as c on c.known_at <= a.as_of
    order by c.symbol, c.ex_date, c.kind, c.provider, c.revision desc
),

compared as (
    -- The elected return on the other source's basis: with the actions that basis has taken out and ours has not. A pair whose
    -- other source shows more than ours does is compared as it stands.
    select
        r.symbol, r.session,
        bool_or(
            abs(r.close / r.close_before * coalesce(step.factor, 1) - o.ratio)
            > {{ var('confidence_tolerance_bp') }} / 10000::double precision
        ) as differs
    from recent as r
        cross join lateral ({{ second_opinions('r') }}) as o
        left join lateral (
            select calc.price_factors(
                r.session_before, 1.0::double precision, array[r.session], array[r.provider],
                array_agg(c.ex_date order by c.ex_date, c.kind desc), array_agg(c.provider order by c.ex_date, c.kind desc),
                array_agg(c.factor order by c.ex_date, c.kind desc)
            ) as factors
            from actions as c
            where
                c.symbol = r.symbol and c.provider = r.provider and c.ex_date > r.session_before and c.ex_date <= r.session
                and (
                    r.price_basis = 'raw' and o.price_basis = 'fully_adjusted'
                    or r.price_basis = 'raw' and o.price_basis = 'split_adjusted' and c.kind = 'split'
                    or r.price_basis = 'split_adjusted' and o.price_basis = 'fully_adjusted' and c.kind = 'dividend'
                )
        ) as applied on true
        cross join lateral (select applied.factors[1] as factor) as step
    group by r.symbol, r.session
),

averaged as (
    select
        r.symbol,
        count(*) as sessions,
        count(c.symbol) as compared,
        count(*) filter (where c.differs) as differing
    from recent as r
        left join compared as c on c.symbol = r.symbol and c.session = r.session
    group by r.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'provider_confidence' as check_name,
        coalesce(
            (a.compared - a.differing + {{ var('confidence_single_source') }}::double precision * (a.sessions - a.compared))
            / nullif(a.sessions, 0),
            {{ var('confidence_single_source') }}
        ) as value,
        false as vetoed,
        format(
            'sessions=%s compared=%s differing=%s',
            coalesce(a.sessions, 0), coalesce(a.compared, 0), coalesce(a.differing, 0)
        ) as detail
    from {{ ref('symbol_spans') }} as s
        left join averaged as a on a.symbol = s.symbol
)

select * from final

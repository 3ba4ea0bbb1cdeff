with heard as (
    select distinct
        v.strategy, v.cycle_id, v.run, v.symbol, v.regime, v.session_no, v.return_1, v.return_5, v.return_21
    from {{ ref('agent_views') }} as v
    where v.weight > 0
),

-- What the penalty took off a wish: the wish without it less the wish with it.
dissented as (
    select
        v.strategy, g.regime, v.session_no, v.symbol, h.horizon, h.forward,
        k.kelly * (1 / k.penalty - 1) as weight_cut, k.variance_score
    from heard as v
        inner join {{ ref('stg_decide__decisions') }} as d on d.cycle_id = v.cycle_id and d.run = v.run and d.symbol = v.symbol
        cross join lateral (
            select
                (d.metadata ->> 'kelly')::double precision as kelly, (d.metadata ->> 'penalty')::double precision as penalty,
                (d.metadata ->> 'variance_score')::double precision as variance_score
        ) as k
        cross join lateral (values (1, v.return_1), (5, v.return_5), (21, v.return_21)) as h (horizon, forward)
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
    where k.variance_score > 0 and k.penalty > 0 and h.forward is not null
),

valued as (
    {{ clustered_mean('dissented', ['strategy', 'regime'], '(-weight_cut * forward)') }}
),

sizes as (
    select
        strategy, regime, horizon, avg(variance_score order by session_no, symbol) as variance_score_mean,
        avg(abs(weight_cut) order by session_no, symbol) as weight_cut_mean
    from dissented
    group by strategy, regime, horizon
),

final as (
    select
        v.strategy, v.regime, v.horizon, v.observations::integer as observations, v.clusters, s.variance_score_mean,
        s.weight_cut_mean, v.mean as value_mean, v.standard_error, v.is_noise
    from valued as v
        inner join sizes as s on s.strategy = v.strategy and s.regime = v.regime and s.horizon = v.horizon
)

select * from final

with views as (
    select v.* from {{ ref('agent_views') }} as v where v.weight > 0
),

consensus as (
    select
        v.cycle_id, v.run, v.symbol, sum(v.weight * v.mu order by v.agent) as mu_mean, count(*) as voices
    from views as v
    group by v.cycle_id, v.run, v.symbol
),

-- An agent vetoes where the others would have bet one way and it pulls the other: what it takes off is the difference between the
-- wish as it was and the wish at the others' mean, at the same coverage, penalty and volatility.
vetoed as (
    select
        v.strategy, v.agent, v.family, g.regime, v.session_no, v.symbol, h.horizon, h.forward,
        o.mu_others, c.mu_mean,
        ((d.metadata ->> 'kelly')::double precision / c.mu_mean) * (o.mu_others - c.mu_mean) as weight_cut
    from views as v
        inner join consensus as c on c.cycle_id = v.cycle_id and c.run = v.run and c.symbol = v.symbol
        inner join {{ ref('stg_decide__decisions') }} as d on d.cycle_id = v.cycle_id and d.run = v.run and d.symbol = v.symbol
        cross join lateral (select (c.mu_mean - v.weight * v.mu) / (1 - v.weight) as mu_others) as o
        cross join lateral (values (1, v.return_1), (5, v.return_5), (21, v.return_21)) as h (horizon, forward)
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
    where c.voices > 1 and c.mu_mean <> 0 and v.weight < 1 and v.mu * o.mu_others < 0 and h.forward is not null
),

valued as (
    {{ clustered_mean('vetoed', ['strategy', 'agent', 'family', 'regime'], '(-weight_cut * forward)') }}
),

sizes as (
    select
        strategy, agent, family, regime, horizon, avg(abs(weight_cut) order by session_no, symbol) as weight_cut_mean
    from vetoed
    group by strategy, agent, family, regime, horizon
),

final as (
    select
        v.strategy, v.agent, v.family, v.regime, v.horizon, v.observations::integer as vetoes, v.clusters,
        s.weight_cut_mean, v.mean as value_mean, v.standard_error, v.is_noise
    from valued as v
        inner join sizes as s
            on s.strategy = v.strategy and s.agent = v.agent and s.family = v.family and s.regime = v.regime
            and s.horizon = v.horizon
)

select * from final

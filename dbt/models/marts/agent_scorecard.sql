with spoken as (
    select
        v.strategy, v.agent, v.family, g.regime, count(*)::integer as views,
        (count(*) filter (where v.abstained))::double precision / count(*) as abstained_fraction,
        (count(*) filter (where v.weight > 0))::double precision / count(*) as heard_fraction
    from {{ ref('agent_views') }} as v
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
    group by v.strategy, v.agent, v.family, g.regime
),

final as (
    select
        s.strategy, s.agent, s.family, s.regime, h.horizon, s.views, s.abstained_fraction, s.heard_fraction,
        i.sessions, i.observations, i.ic_mean, i.standard_error as ic_standard_error, i.t_value as ic_t_value,
        c.hit_rate, c.standard_error as hit_rate_standard_error, c.brier,
        t.turnover_mean, v.vetoes, v.value_mean as veto_value_mean, v.standard_error as veto_value_standard_error,
        coalesce(i.is_noise, true) as is_noise
    from spoken as s
        cross join (values (1), (5), (21)) as h (horizon)
        left join {{ ref('agent_information') }} as i
            on i.strategy = s.strategy and i.agent = s.agent and i.family = s.family and i.regime = s.regime
            and i.horizon = h.horizon
        left join {{ ref('agent_calibration') }} as c
            on c.strategy = s.strategy and c.agent = s.agent and c.family = s.family and c.regime = s.regime
            and c.horizon = h.horizon and c.confidence_bucket = 'ALL'
        left join {{ ref('agent_turnover') }} as t
            on t.strategy = s.strategy and t.agent = s.agent and t.family = s.family and t.regime = s.regime
        left join {{ ref('agent_vetoes') }} as v
            on v.strategy = s.strategy and v.agent = s.agent and v.family = s.family and v.regime = s.regime
            and v.horizon = h.horizon
)

select * from final

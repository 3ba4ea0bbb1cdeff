with views as (
    select * from {{ ref('agent_views') }} where mode <> 'shadow'
),

traded as (
    select
        d.cycle_id, d.run, d.symbol,
        abs(d.position_size - (d.metadata ->> 'held_weight')::double precision) as moved
    from {{ ref('stg_decide__decisions') }} as d
    where d.final_decision in ('EXECUTE_BUY', 'EXECUTE_SELL') and not d.reason_codes ?| array['STOP_LOSS_HIT', 'STALE_VIEW']
),

-- A trade is shared among the agents heard by the weights of their ensemble (ruling W), as its costs are.
shared as (
    select
        v.strategy, v.agent, v.family, g.regime, v.as_of_session,
        sum(coalesce(t.moved, 0) * v.weight order by v.symbol) as turnover, count(t.symbol) as trades
    from views as v
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
        left join traded as t on t.cycle_id = v.cycle_id and t.run = v.run and t.symbol = v.symbol and v.weight > 0
    group by v.strategy, v.agent, v.family, g.regime, v.as_of_session
),

final as (
    select
        strategy, agent, family, regime, count(*)::integer as sessions, sum(trades)::integer as trades,
        sum(turnover order by as_of_session) as turnover,
        avg(turnover order by as_of_session) as turnover_mean,
        case when count(*) > 1 then stddev_samp(turnover order by as_of_session) / sqrt(count(*)) end as standard_error,
        coalesce(
            count(*) < 20
            or avg(turnover order by as_of_session) < 2 * stddev_samp(turnover order by as_of_session) / sqrt(count(*)), true
        ) as is_noise
    from shared
    group by strategy, agent, family, regime
)

select * from final

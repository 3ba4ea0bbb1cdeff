-- A view counts once a session (agent_views), but every account trades on it: the newest close cycle of each.
with cycles as (
    select distinct on (c.account, c.strategy, c.as_of_session)
        c.account, c.strategy, c.as_of_session, c.cycle_id, r.run
    from {{ ref('stg_decide__cycles') }} as c
        inner join {{ ref('stg_decide__cycle_runs') }} as r on r.cycle_id = c.cycle_id and r.state = 'DONE'
    where c.slot = 'close' and c.mode <> 'shadow'
    order by c.account asc, c.strategy asc, c.as_of_session asc, r.closed_at desc, c.cycle_id asc
),

views as (
    select
        c.account, c.strategy, c.as_of_session, c.cycle_id, c.run, m.symbol, m.agent, m.family,
        coalesce(g.name, 'UNKNOWN') as regime, coalesce((d.agent_results -> m.agent ->> 'weight')::double precision, 0) as weight,
        -- Traded on a view, not on a stop or on a view too old.
        case
            when
                d.final_decision in ('EXECUTE_BUY', 'EXECUTE_SELL')
                and not d.reason_codes ?| array['STOP_LOSS_HIT', 'STALE_VIEW']
                then abs(d.position_size - (d.metadata ->> 'held_weight')::double precision)
        end as moved
    from cycles as c
        inner join {{ ref('stg_decide__model_outputs') }} as m on m.cycle_id = c.cycle_id and m.run = c.run
        left join {{ ref('stg_decide__regime_states') }} as g on g.cycle_id = c.cycle_id and g.run = c.run
        left join {{ ref('stg_decide__decisions') }} as d
            on d.cycle_id = c.cycle_id and d.run = c.run and d.symbol = m.symbol
),

-- A trade is shared among the agents heard by the weights of their ensemble (ruling W), as its costs are.
shared as (
    select
        v.strategy, v.agent, v.family, g.regime, v.as_of_session, v.account,
        sum(coalesce(v.moved, 0) * v.weight order by v.symbol) as turnover,
        count(v.moved) filter (where v.weight > 0) as trades
    from views as v
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
    group by v.strategy, v.agent, v.family, g.regime, v.as_of_session, v.account
),

-- Accounts that trade on one view are no further evidence: a session counts once, at their mean.
sessions as (
    select
        strategy, agent, family, regime, as_of_session, avg(turnover order by account) as turnover, sum(trades) as trades
    from shared
    group by strategy, agent, family, regime, as_of_session
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
    from sessions
    group by strategy, agent, family, regime
)

select * from final

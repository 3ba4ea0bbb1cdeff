with views as (
    select * from {{ ref('agent_views') }}
),

spoken as (
    select v.strategy, v.agent, v.family, v.regime, v.as_of_session, v.session_no, v.symbol, h.horizon, v.score, h.forward
    from views as v
        cross join lateral (values (1, v.return_1), (5, v.return_5), (21, v.return_21)) as h (horizon, forward)
    where not v.abstained and h.forward is not null
),

-- Ranks of ties are their mean, as Spearman's coefficient has them.
ranked as (
    select
        s.*,
        rank() over (partition by s.strategy, s.agent, s.as_of_session, s.horizon order by s.score)
        + (count(*) over (partition by s.strategy, s.agent, s.as_of_session, s.horizon, s.score) - 1) / 2.0 as score_rank,
        rank() over (partition by s.strategy, s.agent, s.as_of_session, s.horizon order by s.forward)
        + (count(*) over (partition by s.strategy, s.agent, s.as_of_session, s.horizon, s.forward) - 1) / 2.0 as forward_rank
    from spoken as s
),

final as (
    select
        strategy, agent, family, regime, as_of_session, session_no, horizon, count(*)::integer as names,
        corr(score_rank::double precision, forward_rank::double precision) as ic
    from ranked
    group by strategy, agent, family, regime, as_of_session, session_no, horizon
    having count(*) >= 5
)

select * from final

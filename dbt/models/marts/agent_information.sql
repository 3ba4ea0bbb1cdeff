with ics as (
    select i.*, g.scope
    from {{ ref('agent_ics') }} as i
        cross join lateral (values (i.regime), ('ALL')) as g (scope)
    where i.ic is not null
),

means as (
    select
        strategy, agent, family, scope, horizon, count(*)::integer as sessions, sum(names)::integer as observations,
        avg(ic order by session_no) as ic_mean, stddev_samp(ic order by session_no) as ic_sd
    from ics
    group by strategy, agent, family, scope, horizon
),

-- Windows of h sessions overlap with those of the h - 1 sessions before. Newey and West 1987 count these neighbours in with
-- falling weights, which is too little where scores persist; Hansen and Hodrick 1980 in full, which may turn out negative.
spread as (
    select
        m.strategy, m.agent, m.family, m.scope, m.horizon,
        sum(
            case
                when b.session_no = a.session_no then 1
                else 2 * (1 - (b.session_no - a.session_no)::double precision / m.horizon)
            end
            * (a.ic - m.ic_mean) * (b.ic - m.ic_mean) order by a.session_no, b.session_no
        ) / m.sessions as falling,
        sum(
            case when b.session_no = a.session_no then 1 else 2 end * (a.ic - m.ic_mean) * (b.ic - m.ic_mean)
            order by a.session_no, b.session_no
        ) / m.sessions as whole
    from means as m
        inner join ics as a
            on a.strategy = m.strategy and a.agent = m.agent and a.family = m.family and a.scope = m.scope
            and a.horizon = m.horizon
        inner join ics as b
            on b.strategy = a.strategy and b.agent = a.agent and b.family = a.family and b.scope = a.scope
            and b.horizon = a.horizon and b.session_no >= a.session_no and b.session_no < a.session_no + m.horizon
    group by m.strategy, m.agent, m.family, m.scope, m.horizon, m.sessions
),

measured as (
    select
        m.*,
        case
            when m.sessions > 1 and greatest(s.falling, s.whole) > 0
                then sqrt(greatest(s.falling, s.whole) / (m.sessions - 1))
        end as standard_error
    from means as m
        inner join spread as s
            on s.strategy = m.strategy and s.agent = m.agent and s.family = m.family and s.scope = m.scope
            and s.horizon = m.horizon
),

final as (
    select
        strategy, agent, family, scope as regime, horizon, sessions, observations, ic_mean, ic_sd, standard_error,
        ic_mean / nullif(standard_error, 0) as t_value,
        coalesce(sessions < 20 * horizon or abs(ic_mean) < 2 * standard_error, true) as is_noise
    from measured
)

select * from final

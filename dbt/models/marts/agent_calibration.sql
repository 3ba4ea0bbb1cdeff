with views as (
    select v.*, h.horizon, h.forward
    from {{ ref('agent_views') }} as v
        cross join lateral (values (1, v.return_1), (5, v.return_5), (21, v.return_21)) as h (horizon, forward)
    where h.forward is not null
),

-- An agent's view is of an excess return: a name is held against the others of its session, each counting once.
medians as (
    select n.strategy, n.session_no, n.horizon, percentile_cont(0.5) within group (order by n.forward) as forward
    from (select distinct v.strategy, v.session_no, v.horizon, v.symbol, v.forward from views as v) as n
    group by n.strategy, n.session_no, n.horizon
    having count(*) >= 5
),

spoken as (
    select
        v.strategy, v.agent, v.family, g.regime, b.bucket, v.horizon, v.session_no, v.symbol, v.confidence,
        (sign(v.score) = sign(v.forward - m.forward))::integer::double precision as hit
    from views as v
        inner join medians as m
            on m.strategy = v.strategy and m.session_no = v.session_no and m.horizon = v.horizon
        cross join lateral (values (v.regime), ('ALL')) as g (regime)
        cross join lateral (values (least(floor(v.confidence * 5), 4)::integer), (-1)) as b (bucket)
    where not v.abstained and v.score <> 0 and v.forward <> m.forward
),

hits as (
    {{ clustered_mean('spoken', ['strategy', 'agent', 'family', 'regime', 'bucket'], 'hit', zero=0.5) }}
),

-- Confidence 0 is a coin, 1 is certain: as a probability of the sign it is (1 + confidence) / 2.
scores as (
    select
        strategy, agent, family, regime, bucket, horizon, avg(confidence order by session_no, symbol) as confidence_mean,
        avg(power((1 + confidence) / 2 - hit, 2) order by session_no, symbol) as brier
    from spoken
    group by strategy, agent, family, regime, bucket, horizon
),

final as (
    select
        h.strategy, h.agent, h.family, h.regime, h.horizon,
        case h.bucket when -1 then 'ALL' else format('%s-%s', h.bucket * 0.2, (h.bucket + 1) * 0.2) end as confidence_bucket,
        h.observations::integer as observations, h.clusters, s.confidence_mean, h.mean as hit_rate, h.standard_error,
        -- Wilson 1927, 95 %, of the plain count: what would hold if views were independent.
        (h.mean + w.centre - w.half_width) / (1 + w.divisor) as wilson_low,
        (h.mean + w.centre + w.half_width) / (1 + w.divisor) as wilson_high,
        s.brier, h.is_noise
    from hits as h
        inner join scores as s
            on s.strategy = h.strategy and s.agent = h.agent and s.family = h.family and s.regime = h.regime
            and s.bucket = h.bucket and s.horizon = h.horizon
        cross join lateral (
            select
                1.920729 / h.observations as centre, 3.841459 / h.observations as divisor,
                1.959964 * sqrt(h.mean * (1 - h.mean) / h.observations + 0.960365 / h.observations ^ 2) as half_width
        ) as w
)

select * from final

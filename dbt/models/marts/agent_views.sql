with runs as (
    select r.* from {{ ref('stg_decide__cycle_runs') }} as r where r.state = 'DONE'
),

-- The same committee hears the same features in a paper and a shadow cycle: a session's view counts once.
cycles as (
    select distinct on (c.strategy, c.as_of_session)
        c.strategy, c.as_of_session, c.trade_session, c.cycle_id, r.run, c.mode
    from {{ ref('stg_decide__cycles') }} as c
        inner join runs as r on r.cycle_id = c.cycle_id
    where c.slot = 'close'
    order by c.strategy asc, c.as_of_session asc, array_position(array['live', 'paper', 'shadow'], c.mode) asc,
        r.closed_at desc, c.cycle_id asc
),

sessions as (
    select s.session, s.session_number as session_no from {{ ref('stg_ref__sessions') }} as s where s.calendar = 'XNYS'
),

-- From the close of the trade session on: the first close that a fund which decided after the as-of close can own.
forward as (
    select
        f.symbol, f.session,
        lead(f.close_adj, 1) over by_symbol / f.close_adj - 1 as return_1,
        lead(f.close_adj, 5) over by_symbol / f.close_adj - 1 as return_5,
        lead(f.close_adj, 21) over by_symbol / f.close_adj - 1 as return_21
    from {{ ref('features') }} as f
    window by_symbol as (partition by f.symbol order by f.session)
),

final as (
    select
        c.strategy, c.as_of_session, n.session_no, m.symbol, m.agent, m.family, coalesce(g.name, 'UNKNOWN') as regime,
        m.score, m.mu, m.confidence, m.abstained,
        coalesce((d.agent_results -> m.agent ->> 'weight')::double precision, 0) as weight,
        f.return_1, f.return_5, f.return_21, c.cycle_id, c.run, c.mode
    from cycles as c
        inner join sessions as n on n.session = c.as_of_session
        inner join {{ ref('stg_decide__model_outputs') }} as m on m.cycle_id = c.cycle_id and m.run = c.run
        left join {{ ref('stg_decide__regime_states') }} as g on g.cycle_id = c.cycle_id and g.run = c.run
        left join {{ ref('stg_decide__decisions') }} as d
            on d.cycle_id = c.cycle_id and d.run = c.run and d.symbol = m.symbol
        left join forward as f on f.symbol = m.symbol and f.session = c.trade_session
)

select * from final

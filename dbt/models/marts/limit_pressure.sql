{#-
    An observed NULL is a breach (ruling A9), so it counts as one and has no utilisation. What a shadow cycle measured is not the
    book's: it has rows of its own.
-#}
with runs as (
    select distinct on (r.cycle_id) r.cycle_id, r.run
    from {{ ref('stg_decide__cycle_runs') }} as r
    where r.state in ('DONE', 'HALTED')
    order by r.cycle_id asc, (r.state = 'DONE') desc, r.run desc
),

checks as (
    select
        c.account, y.mode, y.strategy, y.as_of_session, c.limit_name, count(*)::integer as evaluation_count,
        count(*) filter (where c.binding)::integer as binding_count,
        count(*) filter (where c.action = 'REJECT')::integer as reject_count,
        count(*) filter (where c.action = 'SCALE')::integer as scale_count,
        count(*) filter (where c.observed is null)::integer as unknown_count,
        min(c.threshold) as threshold, max(c.observed) as observed_max,
        max(c.observed / nullif(c.threshold, 0)) as utilisation_max,
        avg(c.observed / nullif(c.threshold, 0) order by c.check_number, c.cycle_id) as utilisation_mean,
        min(c.threshold - c.observed) as headroom_min,
        min(c.factor) as factor_min,
        (array_agg(coalesce(c.symbol, c.scope) order by c.observed / nullif(c.threshold, 0) desc nulls last, c.check_number))[1]
            as nearest
    from {{ ref('stg_decide__risk_checks') }} as c
        inner join runs as r on r.cycle_id = c.cycle_id and r.run = c.run
        inner join {{ ref('stg_decide__cycles') }} as y on y.cycle_id = c.cycle_id
    group by c.account, y.mode, y.strategy, y.as_of_session, c.limit_name
),

refusals as (
    select o.account, y.mode, y.strategy, y.as_of_session, o.refused_by as limit_name, count(*)::integer as order_refusals
    from {{ ref('stg_trade__orders') }} as o
        inner join {{ ref('stg_decide__cycles') }} as y on y.cycle_id = o.cycle_id
    where o.refused_by is not null
    group by o.account, y.mode, y.strategy, y.as_of_session, o.refused_by
),

-- Reason codes name the cap of the auction that left nothing: the bids it stopped before any check of the final book.
stopped as (
    select
        d.account, y.mode, y.strategy, y.as_of_session, lower(replace(e.code, 'CAP_', '')) as cap,
        count(*) filter (where d.final_decision = 'REJECT')::integer as bids_stopped, count(*)::integer as bids_touched
    from {{ ref('stg_decide__decisions') }} as d
        inner join runs as r on r.cycle_id = d.cycle_id and r.run = d.run
        inner join {{ ref('stg_decide__cycles') }} as y on y.cycle_id = d.cycle_id
        cross join lateral jsonb_array_elements_text(d.reason_codes) as e (code)
    where e.code like 'CAP\_%'
    group by d.account, y.mode, y.strategy, y.as_of_session, e.code
),

named as (
    select
        s.account, s.mode, s.strategy, s.as_of_session,
        case s.cap when 'name' then 'name_concentration' else s.cap end as limit_name, s.bids_stopped, s.bids_touched
    from stopped as s
),

keys as (
    select c.account, c.mode, c.strategy, c.as_of_session, c.limit_name from checks as c
    union
    select f.account, f.mode, f.strategy, f.as_of_session, f.limit_name from refusals as f
    union
    select n.account, n.mode, n.strategy, n.as_of_session, n.limit_name from named as n
),

final as (
    select
        k.account, k.mode, k.strategy, k.as_of_session, k.limit_name, coalesce(c.evaluation_count, 0) as evaluation_count,
        coalesce(c.binding_count, 0) as binding_count, coalesce(c.reject_count, 0) as reject_count,
        coalesce(c.scale_count, 0) as scale_count, coalesce(c.unknown_count, 0) as unknown_count,
        coalesce(n.bids_stopped, 0) as bids_stopped, coalesce(n.bids_touched, 0) as bids_touched,
        coalesce(f.order_refusals, 0) as order_refusals, c.threshold, c.observed_max, c.utilisation_max, c.utilisation_mean,
        c.headroom_min, c.factor_min, c.nearest
    from keys as k
        left join checks as c
            on c.account = k.account and c.mode = k.mode and c.strategy = k.strategy and c.as_of_session = k.as_of_session
            and c.limit_name = k.limit_name
        left join refusals as f
            on f.account = k.account and f.mode = k.mode and f.strategy = k.strategy and f.as_of_session = k.as_of_session
            and f.limit_name = k.limit_name
        left join named as n
            on n.account = k.account and n.mode = k.mode and n.strategy = k.strategy and n.as_of_session = k.as_of_session
            and n.limit_name = k.limit_name
)

select * from final

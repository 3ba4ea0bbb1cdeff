with verdicts as (
    select
        v.account, v.cycle_id, v.run, c.mode, c.strategy, c.as_of_session, c.slot, v.layer, l.layer_name, v.verdict,
        v.reason_code, v.decided_at, r.state as run_state, r.layer as halt_layer, r.opened_at
    from {{ ref('stg_decide__gate_verdicts') }} as v
        inner join {{ ref('stg_decide__cycle_runs') }} as r on r.cycle_id = v.cycle_id and r.run = v.run
        inner join {{ ref('stg_decide__cycles') }} as c on c.cycle_id = v.cycle_id
        inner join {{ ref('stg_govern__layers') }} as l on l.layer = v.layer
),

final as (
    select
        v.account, v.cycle_id, v.run, v.layer, v.layer_name, v.mode, v.strategy, v.as_of_session, v.slot, v.verdict,
        v.reason_code, v.decided_at, v.run_state,
        v.run_state = 'HALTED' and v.layer = v.halt_layer as halted_the_run,
        lag(v.verdict) over history as verdict_before,
        lag(v.reason_code) over history as reason_before,
        coalesce(v.verdict <> lag(v.verdict) over history, false) as changed
    from verdicts as v
    window history as (partition by v.account, v.mode, v.strategy, v.layer order by v.opened_at, v.cycle_id, v.run)
)

select * from final

with runs as (
    select r.cycle_id, r.run, r.opened_at, c.mode, c.strategy, c.as_of_session, c.slot
    from {{ ref('stg_decide__cycle_runs') }} as r
        inner join {{ ref('stg_decide__cycles') }} as c on c.cycle_id = r.cycle_id
),

judged as (
    select
        i.account, r.cycle_id, r.run, i.symbol, r.mode, r.strategy, r.as_of_session, r.slot, r.opened_at,
        i.governance_state as state, i.governance_reasons as reasons, i.data_quality_score as score, i.provider_confidence,
        i.valid_sessions, i.last_session,
        (i.quality ->> 'missing_fraction')::double precision as missing_fraction,
        (i.quality ->> 'duplicate_fraction')::double precision as duplicate_fraction,
        (i.quality ->> 'has_zero_negative')::boolean as has_zero_negative,
        (i.quality ->> 'has_spike')::boolean as has_spike,
        (
            select string_agg(v.name, ', ' order by v.name)
            from jsonb_array_elements_text(i.quality -> 'vetoes') as v (name)
        ) as vetoes
    from {{ ref('stg_decide__cycle_inputs') }} as i
        inner join runs as r on r.cycle_id = i.cycle_id and r.run = i.run
),

final as (
    select
        j.*,
        lag(j.state) over history as state_before,
        lag(j.reasons) over history as reasons_before,
        coalesce((j.state, j.reasons) <> (lag(j.state) over history, lag(j.reasons) over history), false) as changed
    from judged as j
    window history as (
        partition by j.account, j.mode, j.strategy, j.symbol order by j.as_of_session, j.opened_at, j.cycle_id, j.run
    )
)

select * from final

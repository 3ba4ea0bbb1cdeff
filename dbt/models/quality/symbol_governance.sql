with judged as (
    select
        s.symbol, s.as_of_session, s.valid_sessions, s.last_session, q.score,
        array_remove(array[
            case
                when s.valid_sessions = 0 then 'NO_HISTORY'
                when s.valid_sessions < {{ var('required_history_sessions') }} then 'HISTORY_SHORT'
            end,
            case when q.score < {{ var('min_quality') }} then 'QUALITY_LOW' end
        ], null) || array(select 'VETO_' || upper(v.name) from unnest(q.vetoes) as v (name) order by v.name) as reasons,
        cardinality(q.vetoes) > 0 as is_vetoed
    from {{ ref('symbol_spans') }} as s
        inner join {{ ref('data_quality') }} as q on q.symbol = s.symbol and q.as_of_session = s.as_of_session
),

final as (
    select
        j.symbol, j.as_of_session,
        case
            when j.is_vetoed or j.valid_sessions < {{ var('degraded_history_sessions') }} then 'QUARANTINED'
            when j.valid_sessions < {{ var('required_history_sessions') }} then 'DEGRADED'
            when j.score >= {{ var('min_quality') }} then 'ACTIVE'
            else 'DEGRADED'
        end as state,
        j.valid_sessions, j.last_session, j.score, j.reasons
    from judged as j
)

select * from final

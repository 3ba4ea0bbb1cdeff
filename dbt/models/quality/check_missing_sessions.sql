with spans as (
    select * from {{ ref('symbol_spans') }}
),

missing as (
    select
        s.symbol, s.as_of_session, s.valid_sessions, s.expected_sessions, s.absent_sessions,
        coalesce(
            greatest(0, s.expected_sessions - s.valid_sessions)::double precision / nullif(s.expected_sessions, 0), 1
        ) as value,
        s.absent_sessions::double precision / nullif(s.expected_sessions + s.absent_sessions, 0) as absent
    from spans as s
),

final as (
    -- One person's word excuses no more than may be missing without it.
    select
        m.symbol, m.as_of_session, 'missing_sessions' as check_name, m.value,
        m.value > {{ var('veto_missing_fraction') }} or coalesce(m.absent > {{ var('veto_missing_fraction') }}, false) as vetoed,
        format('valid=%s expected=%s absent=%s', m.valid_sessions, coalesce(m.expected_sessions, 0), m.absent_sessions) as detail
    from missing as m
)

select * from final

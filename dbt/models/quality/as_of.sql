with last_sessions as (
    select * from {{ ref('stg_ref__last_sessions') }}
),

sessions as (
    select * from {{ ref('stg_ref__sessions') }}
),

asked as (
    select coalesce(
        {{ as_of_session() }},
        (select l.last_session from last_sessions as l where l.calendar = '{{ var("session_calendar") }}')
    ) as as_of_session
),

final as (
    select
        a.as_of_session,
        s.closes_at + make_interval(mins => {{ var('provider_delay_minutes') }}) as as_of
    from asked as a
        inner join sessions as s on s.calendar = '{{ var("session_calendar") }}' and s.session = a.as_of_session
)

select * from final

with spans as (
    select * from {{ ref('symbol_spans') }}
),

final as (
    select
        s.symbol, s.as_of_session, 'staleness' as check_name,
        s.stale_sessions::double precision as value,
        coalesce(s.stale_sessions > {{ var('max_stale_sessions') }}, true) as vetoed,
        format('last=%s', coalesce(s.last_session::text, 'none')) as detail
    from spans as s
)

select * from final

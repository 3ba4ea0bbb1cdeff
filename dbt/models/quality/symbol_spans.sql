with bars as (
    select * from {{ ref('bars_as_of') }}
),

sessions as (
    select * from {{ ref('stg_ref__sessions') }}
),

spans as (
    select
        b.symbol,
        count(distinct b.session) as valid_sessions,
        min(b.session) as first_session,
        max(b.session) as last_session,
        min(s.session_number) as first_number,
        max(s.session_number) as last_number
    from bars as b
        inner join sessions as s on s.calendar = b.calendar and s.session = b.session
    where
        b.close > 0 and b.close < 'Infinity'
        and (b.price_kind = 'close' or b.open > 0 and b.low > 0 and b.high >= b.low and b.close between b.low and b.high)
    group by b.symbol
),

final as (
    select
        i.symbol, a.as_of_session, coalesce(p.valid_sessions, 0)::integer as valid_sessions, p.first_session, p.last_session,
        (latest.session_number - p.first_number + 1)::integer as expected_sessions,
        (latest.session_number - p.last_number)::integer as stale_sessions
    from {{ ref('as_of') }} as a
        cross join {{ ref('stg_ref__instruments') }} as i
        left join spans as p on p.symbol = i.symbol
        left join lateral (
            select s.session_number from sessions as s
            where s.calendar = i.calendar and s.session <= a.as_of_session
            order by s.session desc limit 1
        ) as latest on true
)

select * from final

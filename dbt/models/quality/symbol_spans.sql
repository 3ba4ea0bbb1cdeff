-- Inlined both times: kept, it would be written out row by row and sorted (measured: half of the whole).
with valid as not materialized (
    select b.symbol, b.session, s.session_number
    from ({{ bars_as_of() }}) as b
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = b.calendar and s.session = b.session
    where
        b.close > 0 and b.close < 'Infinity'
        and (b.price_kind = 'close' or b.open > 0 and b.low > 0 and b.high >= b.low and b.close between b.low and b.high)
),

spans as (
    select
        v.symbol,
        count(*) as valid_sessions,
        min(v.session) as first_session,
        max(v.session) as last_session,
        min(v.session_number) as first_number,
        max(v.session_number) as last_number
    from valid as v
    group by v.symbol
),

absent as (
    -- A session with a bar is none: the declaration no longer counts. Looked up for each of the few (offset 0).
    select p.symbol, count(*) as sessions
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__absences') }} as x on x.declared_at <= a.as_of
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = x.symbol
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = x.session
        inner join spans as p on p.symbol = x.symbol and x.session between p.first_session and a.as_of_session
    where not exists (select from valid as v where v.symbol = x.symbol and v.session = x.session offset 0)
    group by p.symbol
),

final as (
    select
        i.symbol, a.as_of_session, coalesce(p.valid_sessions, 0)::integer as valid_sessions, p.first_session, p.last_session,
        (latest.session_number - p.first_number + 1 - coalesce(b.sessions, 0))::integer as expected_sessions,
        coalesce(b.sessions, 0)::integer as absent_sessions,
        (latest.session_number - p.last_number)::integer as stale_sessions
    from {{ ref('as_of') }} as a
        cross join {{ ref('stg_ref__instruments') }} as i
        left join spans as p on p.symbol = i.symbol
        left join absent as b on b.symbol = i.symbol
        left join lateral (
            select s.session_number from {{ ref('stg_ref__sessions') }} as s
            where s.calendar = i.calendar and s.session <= a.as_of_session
            order by s.session desc limit 1
        ) as latest on true
)

select * from final

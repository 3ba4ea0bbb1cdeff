with sessions as (
    select * from {{ ref('stg_ref__sessions') }}
),

latest as (
    select s.calendar, max(s.session_number) as session_number
    from {{ ref('as_of') }} as a
        inner join sessions as s on s.session <= a.as_of_session
    group by s.calendar
),

payloads as (
    -- What of a payload lies behind the as-of session: of its span by the calendar, of its repeated dates by themselves.
    select
        b.symbol, b.rows_received, b.rows_duplicate, b.rows_added, f.received_at, a.as_of,
        last.session_number - first.session_number + 1 as sessions,
        greatest(0, last.session_number - greatest(latest.session_number, first.session_number - 1)) as sessions_after,
        cardinality(b.duplicate_sessions) as dates,
        (select count(*) from unnest(b.duplicate_sessions) as d (session) where d.session > a.as_of_session) as dates_after
    from {{ ref('as_of') }} as a
        cross join {{ ref('stg_market__ingest_batches') }} as b
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = b.symbol
        left join {{ ref('stg_market__fetches') }} as f on f.fetch_id = b.fetch_id
        left join latest on latest.calendar = i.calendar
        left join sessions as first on first.calendar = i.calendar and first.session = b.first_session
        left join sessions as last on last.calendar = i.calendar and last.session = b.last_session
    where b.state = 'DONE' and b.kind = 'bars'
),

seen as (
    -- Known as its bars are: with their sessions where it was the first to bring one of them, else when it was received. The
    -- counts are whole, so their sums are the same in any order.
    select
        p.symbol,
        round(p.rows_received * (1 - coalesce(p.sessions_after::numeric / p.sessions, 0))) as received,
        round(
            p.rows_duplicate
            * (1 - coalesce(p.dates_after::numeric / nullif(p.dates, 0), p.sessions_after::numeric / p.sessions, 0))
        ) as duplicates
    from payloads as p
    where coalesce(p.received_at <= p.as_of, true) or p.rows_added > coalesce(p.sessions_after, 0)
),

counted as (
    select s.symbol, sum(s.duplicates)::bigint as duplicates, sum(s.received)::bigint as received
    from seen as s
    group by s.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'duplicates' as check_name,
        coalesce(c.duplicates::double precision / nullif(c.received, 0), 0) as value,
        false as vetoed,
        format('duplicate=%s received=%s', coalesce(c.duplicates, 0), coalesce(c.received, 0)) as detail
    from {{ ref('symbol_spans') }} as s
        left join counted as c on c.symbol = s.symbol
)

select * from final

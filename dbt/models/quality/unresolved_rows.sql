{{ config(materialized='ephemeral') }}

-- Rows that were set aside and whose session still has no elected bar: a defect that a later or better bar has not healed. Such a
-- row is known as a bar is: what a source says first of a session with that session, what it says of it again when received.
-- Where no bar is expected (F2) none can heal it, and none is read: before the first one, where a source may fill the time before
-- the listing with zeros, and where a person has declared that there is none.
with received as (
    select
        q.*, b.provider, f.received_at,
        min(q.batch_id) over (partition by q.symbol, q.session, b.provider) as first_batch_id
    from {{ ref('stg_market__quarantined_bars') }} as q
        inner join {{ ref('stg_market__ingest_batches') }} as b on b.batch_id = q.batch_id
        left join {{ ref('stg_market__fetches') }} as f on f.fetch_id = b.fetch_id
    -- Rows set aside before NON_FINITE_VOLUME was a reason say NON_FINITE of a volume too, and F1 vetoes prices alone.
    where q.reason <> 'NON_FINITE' or calc.bar_defect(q.open, q.high, q.low, q.close, q.volume, false) = 'NON_FINITE'
),

dated as (
    select
        r.symbol, r.session, r.reason,
        s.closes_at + make_interval(mins => {{ var('provider_delay_minutes') }}) as known_from,
        case
            when r.batch_id > r.first_batch_id or exists (
                    select 1 from {{ ref('stg_market__provider_bars') }} as p
                    where
                        p.symbol = r.symbol and p.session = r.session and p.provider = r.provider
                        and p.recorded_at < r.recorded_at
                ) then r.received_at
        end as repeated_at
    from received as r
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = r.symbol
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = r.session
)

select distinct a.as_of_session, d.symbol, d.session, d.reason
from {{ ref('as_of') }} as a
    inner join dated as d on d.session <= a.as_of_session and greatest(d.known_from, d.repeated_at) <= a.as_of
    left join {{ ref('symbol_spans') }} as p on p.symbol = d.symbol
where
    (d.session < p.first_session) is not true
    and not exists (
        select 1 from {{ ref('stg_market__absences') }} as x
        where x.symbol = d.symbol and x.session = d.session and x.declared_at <= a.as_of
    )
    and not exists (
        select 1 from {{ ref('stg_market__price_history') }} as h
        where h.symbol = d.symbol and h.session = d.session and h.known_at <= a.as_of
    )

with batches as (
    select
        b.provider, b.symbol, count(*) as payloads, count(*) filter (where b.state = 'REFUSED') as payloads_refused,
        sum(b.rows_received) as rows_received, sum(b.rows_duplicate) as rows_duplicate, sum(b.rows_revised) as rows_revised
    from {{ ref('stg_market__ingest_batches') }} as b
    where b.kind = 'bars' and b.state <> 'OPEN'
    group by b.provider, b.symbol
),

faults as (
    -- A file is read, not asked. What was asked for, its batch says; an asking without one found no bars to take in.
    select f.provider, f.symbol, f.fault, count(*) as n
    from {{ ref('stg_market__fetches') }} as f
        left join {{ ref('stg_market__ingest_batches') }} as b on b.fetch_id = f.fetch_id
    where f.symbol is not null and f.purpose <> 'file' and coalesce(b.kind, 'bars') = 'bars'
    group by f.provider, f.symbol, f.fault
),

fetches as (
    select
        f.provider, f.symbol, sum(f.n)::bigint as fetches,
        coalesce(sum(f.n) filter (where f.fault is not null), 0)::bigint as failed,
        string_agg(format('%s=%s', f.fault, f.n), ' ' order by f.fault) filter (where f.fault is not null) as failed_by_fault
    from faults as f
    group by f.provider, f.symbol
),

newest as materialized (
    select distinct on (b.symbol, b.session, b.provider) b.symbol, b.session, b.provider, b.close, b.price_basis
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__provider_bars') }} as b on b.known_at <= a.as_of and b.session <= a.as_of_session
    order by b.symbol, b.session, b.provider, b.revision desc
),

spans as (
    select
        n.provider, n.symbol, count(*) as bars, min(n.session) as first_session, max(n.session) as last_session,
        min(s.session_number) as first_number, max(s.session_number) as last_number
    from newest as n
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = n.symbol
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = n.session
    group by n.provider, n.symbol
),

elected as (
    select h.provider, h.symbol, count(*) as bars_elected
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__price_history') }} as h on h.session <= a.as_of_session and h.known_at <= a.as_of
    group by h.provider, h.symbol
),

reasons as (
    -- A row received again is set aside again: a session counts once a reason.
    select
        b.provider, q.symbol, q.reason,
        count(distinct q.session) + (count(*) filter (where q.session is null) > 0)::integer as n
    from {{ ref('stg_market__quarantined_bars') }} as q
        inner join {{ ref('stg_market__ingest_batches') }} as b on b.batch_id = q.batch_id
    group by b.provider, q.symbol, q.reason
),

quarantined as (
    select
        r.provider, r.symbol, sum(r.n)::bigint as sessions_quarantined,
        string_agg(format('%s=%s', r.reason, r.n), ' ' order by r.reason) as quarantined_by_reason
    from reasons as r
    group by r.provider, r.symbol
),

disagreements as (
    -- Levels, of sources on one basis: what they are adjusted for is the same.
    select
        n.provider, n.symbol, count(distinct n.session) as sessions_compared,
        count(distinct n.session) filter (
            where abs(ln(n.close / o.close)) > {{ var('confidence_tolerance_bp') }} / 10000::double precision
        ) as sessions_disagreed
    from newest as n
        inner join newest as o
            on o.symbol = n.symbol and o.session = n.session and o.price_basis = n.price_basis and o.provider <> n.provider
    group by n.provider, n.symbol
),

actions as (
    select d.provider, d.symbol, count(*) as actions_disagreed
    from {{ ref('action_disagreements') }} as d
    group by d.provider, d.symbol
),

asked as (
    select b.provider, b.symbol from batches as b
    union
    select f.provider, f.symbol from fetches as f
),

final as (
    select
        k.symbol, k.provider, p.priority, p.price_basis, coalesce(f.fetches, 0) as fetches,
        coalesce(f.failed, 0) as fetches_failed, f.failed_by_fault as fetches_failed_by_fault,
        coalesce(b.payloads, 0) as payloads, coalesce(b.payloads_refused, 0) as payloads_refused,
        coalesce(b.rows_received, 0) as rows_received, coalesce(b.rows_duplicate, 0) as rows_duplicate,
        b.rows_duplicate::double precision / nullif(b.rows_received, 0) as duplicate_fraction,
        coalesce(b.rows_revised, 0) as rows_revised,
        coalesce(s.bars, 0) as bars, coalesce(e.bars_elected, 0) as bars_elected, s.first_session, s.last_session,
        1 - s.bars::double precision / (s.last_number - s.first_number + 1) as missing_fraction,
        coalesce(q.sessions_quarantined, 0) as sessions_quarantined, q.quarantined_by_reason,
        coalesce(d.sessions_compared, 0) as sessions_compared, coalesce(d.sessions_disagreed, 0) as sessions_disagreed,
        coalesce(c.actions_disagreed, 0) as actions_disagreed
    from asked as k
        inner join {{ ref('stg_ref__providers') }} as p on p.provider = k.provider
        left join fetches as f on f.provider = k.provider and f.symbol = k.symbol
        left join batches as b on b.provider = k.provider and b.symbol = k.symbol
        left join spans as s on s.provider = k.provider and s.symbol = k.symbol
        left join elected as e on e.provider = k.provider and e.symbol = k.symbol
        left join quarantined as q on q.provider = k.provider and q.symbol = k.symbol
        left join disagreements as d on d.provider = k.provider and d.symbol = k.symbol
        left join actions as c on c.provider = k.provider and c.symbol = k.symbol
)

select * from final

{#-
    Every row that something is wrong with, or odd about. A row set aside is looked at anew, for each of its faults: the door
    names the first only. What the door lets in is looked at beside its neighbours as received, so that a row set aside between
    two bars hides nothing.
-#}
with received as materialized (
    select
        q.symbol, q.session, q.open, q.high, q.low, q.close, q.volume, i.price_kind = 'ohlcv' as is_ohlcv,
        i.calendar, f.first_session as calendar_from, s.session is not null as is_session
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__quarantined_bars') }} as q on q.session <= a.as_of_session
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = q.symbol
        inner join (
            select c.calendar, min(c.session) as first_session from {{ ref('stg_ref__sessions') }} as c group by c.calendar
        ) as f on f.calendar = i.calendar
        left join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = q.session
    group by q.symbol, q.session, q.open, q.high, q.low, q.close, q.volume, i.price_kind, i.calendar, f.first_session, s.session
),

bars as materialized (
    select h.symbol, h.session, h.open, h.high, h.low, h.close, h.volume, i.calendar
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__price_history') }} as h on h.session <= a.as_of_session and h.known_at <= a.as_of
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = h.symbol
),

row_faults as (
    select r.symbol, r.session, v.finding, format('o=%s h=%s l=%s c=%s v=%s', r.open, r.high, r.low, r.close, r.volume) as detail
    from received as r
        cross join lateral (
            values
                ('non_session', not r.is_session and r.session >= r.calendar_from),
                ('before_calendar', r.session < r.calendar_from),
                -- NaN is how a table without a number arrives.
                (
                    'null_price', coalesce(r.close, 'NaN') = 'NaN'
                    or r.is_ohlcv and greatest(coalesce(r.open, 'NaN'), coalesce(r.high, 'NaN'), coalesce(r.low, 'NaN')) = 'NaN'
                ),
                ('infinite_price', 'Infinity' in (abs(r.open), abs(r.high), abs(r.low), abs(r.close))),
                (
                    'absurd_price', greatest(r.open, r.high, r.low, r.close) >= 1e12
                    and greatest(r.open, r.high, r.low, r.close) < 'Infinity'
                    or least(r.open, r.high, r.low, r.close) > 0 and least(r.open, r.high, r.low, r.close) < 1e-12
                ),
                ('zero_or_negative_price', least(r.open, r.high, r.low, r.close) <= 0),
                (
                    'ohlc_inconsistent', r.is_ohlcv
                    and (r.high < r.low or greatest(r.open, r.close) > r.high or least(r.open, r.close) < r.low)
                ),
                ('negative_volume', r.volume < 0),
                ('non_finite_volume', abs(r.volume) >= 'Infinity'),
                ('absurd_volume', r.volume > 1e18 and r.volume < 'Infinity')
        ) as v (finding, applies)
    where v.applies
),

duplicates as (
    select b.symbol, d.session, 'duplicate_date' as finding, format('payloads=%s', count(*)) as detail
    from {{ ref('as_of') }} as a
        cross join {{ ref('stg_market__ingest_batches') }} as b
        inner join unnest(b.duplicate_sessions) as d (session) on d.session <= a.as_of_session
    where b.kind = 'bars' and b.state = 'DONE'
    group by b.symbol, d.session
),

lined_up as (
    -- One row per session: its bar, else the last of the rows set aside.
    select distinct on (x.symbol, x.session) x.*
    from (
            select b.*, true as is_bar from bars as b
            union all
            select r.symbol, r.session, r.open, r.high, r.low, r.close, r.volume, r.calendar, false from received as r
        ) as x
    order by x.symbol, x.session, x.is_bar desc
),

beside as (
    select
        l.*,
        row(l.open, l.high, l.low, l.close) = row(
            lag(l.open) over per_symbol, lag(l.high) over per_symbol, lag(l.low) over per_symbol, lag(l.close) over per_symbol
        ) as is_repeated,
        lag(l.close) over per_symbol as close_before
    from lined_up as l
    window per_symbol as (partition by l.symbol order by l.session)
),

odd as (
    select b.symbol, b.session, v.finding, v.detail
    from beside as b
        cross join lateral (
            values
                ('stale_ohlc', b.is_repeated, format('close=%s volume=%s', b.close, b.volume)),
                ('zero_volume', b.volume = 0, format('close=%s', b.close)),
                (
                    -- What was set aside may be of any size: its ratio to its neighbour need not be a number there is.
                    'return_above_half', coalesce(
                        case
                            when abs(b.close) between 1e-12 and 1e12 and abs(b.close_before) between 1e-12 and 1e12
                                then abs(b.close / b.close_before - 1) > 0.5
                            when b.close_before <> 0 then b.close <> b.close_before
                        end,
                        b.close_before = 0
                    ),
                    format('before=%s close=%s', b.close_before, b.close)
                )
        ) as v (finding, applies, detail)
    where v.applies
),

spans as (
    select l.symbol, l.calendar, min(l.session) as first_session, max(l.session) as last_session
    from lined_up as l
    group by l.symbol, l.calendar
),

missing as (
    select p.symbol, s.session, 'missing_session' as finding, 'no row was received' as detail
    from spans as p
        inner join {{ ref('stg_ref__sessions') }} as s
            on s.calendar = p.calendar and s.session between p.first_session and p.last_session
        left join lined_up as l on l.symbol = p.symbol and l.session = s.session
    where l.session is null and not exists (
            select 1
            from {{ ref('stg_market__absences') }} as x
                inner join {{ ref('as_of') }} as a on x.declared_at <= a.as_of
            where x.symbol = p.symbol and x.session = s.session
        )
),

judged as (
    select
        j.symbol, j.session, j.kind as finding,
        format('ratio=%s money_multiple=%s', round(j.ratio::numeric, 4), round(j.money_multiple::numeric, 2)) as detail
    from {{ ref('price_jumps') }} as j
    where j.kind not in ('stated_action', 'genuine_move')
    union all
    select r.symbol, r.session, 'spike', format('log_return=%s', round(r.log_return::numeric, 4))
    from {{ ref('suspect_returns') }} as r
    where r.is_spike and not r.explained and not r.confirmed
),

everything as (
    select * from row_faults
    union all
    select * from duplicates
    union all
    select * from odd
    union all
    select * from missing
    union all
    select * from judged
),

final as (
    select
        e.symbol, e.session, e.finding, max(e.detail) as detail, bool_or(b.session is not null) as has_bar
    from everything as e
        left join bars as b on b.symbol = e.symbol and b.session = e.session
    group by e.symbol, e.session, e.finding
)

select * from final

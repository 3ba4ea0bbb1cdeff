-- Market data: raw payloads, batches, landing rows, the panel.

-- name: archive_payload
select * from market.archive_payload(
    %(provider)s, %(request)s, %(status)s, %(content_type)s, %(payload)s, %(payload_sha256)s, %(payload_bytes)s
)

-- name: open_fetch
-- An asking, its archived answers in their order and, where they are to be taken in, its batch, in one round trip: every step
-- needs the one before.
select f.fetch_id, case when %(lands)s then market.open_batch(f.fetch_id) end as batch_id
from (select market.open_fetch(%(provider)s, %(symbol)s, %(purpose)s, %(first)s, %(last)s, %(asked_at)s) as fetch_id) as f
    cross join lateral (
        select count(market.add_response(
            f.fetch_id, (a.answer ->> 'payload_id')::bigint, a.answer ->> 'status', a.answer ->> 'content_type',
            a.answer -> 'request'
        ))
        from (
                select j.answer
                from jsonb_array_elements(%(answers)s) with ordinality as j (answer, part)
                order by j.part
            ) as a
    ) as answered

-- name: close_fetch
select market.close_fetch(%(fetch)s, %(fault)s, %(reason)s, %(next_provider)s)

-- name: refuse_live_history
select market.refuse_live_history(%(symbol)s, 'live', %(first)s, null)

-- name: askable
-- Instruments of the universe within a window that one of the sources can be asked for.
select i.symbol
from ref.instruments as i
where exists (
        select from ref.provider_capabilities as c where c.asset_class = i.asset_class and c.provider = any (%(providers)s)
    )
    and exists (
        select from ref.universe as u
        where u.symbol = i.symbol and u.valid_to > coalesce(%(first)s, ops.now()::date)
            and u.valid_from <= coalesce(%(last)s, ops.now()::date)
    )
order by i.symbol collate "C"

-- name: live_windows
select * from market.live_windows(%(symbols)s)

-- name: routes
select * from market.routes(%(symbols)s::text[], %(firsts)s::date[])

-- name: open_batch
select market.open_batch(%(fetch)s)

-- name: answer_fault
-- Lateral: an answer that is known is not judged.
select f.fault, f.reason
from (select 1 where not market.answer_is_known(%(batch)s, %(first)s, %(last)s)) as unknown
    cross join lateral market.answer_fault(%(batch)s, %(first)s, %(last)s) as f

-- name: land_bars
copy market.bar_landing (batch_id, row_number, session, open, high, low, close, adj_close, volume) from stdin (format binary)

-- name: effective_sessions
-- The session of its calendar on which an action of that date takes effect: the date's, or the next.
select d.ex_date, min(s.session) as session
from ref.instruments as i
    cross join unnest(%(ex_dates)s::date[]) as d (ex_date)
    join ref.sessions as s on s.calendar = i.calendar and s.session >= d.ex_date and s.session < d.ex_date + 14
where i.symbol = %(symbol)s
group by d.ex_date

-- name: ingest_actions
select * from market.ingest_actions(
    %(batch)s, %(first)s, %(last)s, %(ex_dates)s::date[], %(kinds)s::text[], %(factors)s::double precision[],
    %(amounts)s::double precision[]
)

-- name: ingest_bars
-- What an asking brought and, where it has not ended, its end, in one round trip; is_series: whether its bars can be elected.
select
    b.*, case when %(closes)s then market.close_fetch(b.fetch_id, null, null, null) end as closed,
    (i.price_basis, i.price_kind) = (p.price_basis, p.price_kind) as is_series,
    p.price_basis || ' ' || p.price_kind as given, i.price_basis || ' ' || i.price_kind as wanted
from market.ingest_bars(%(batch)s) as b
    join ref.instruments as i on i.symbol = b.symbol
    join ref.providers as p on p.provider = b.provider

-- name: archived_fetches
-- Askings whose rows were taken in, in order; batch_id NULL where what they brought is not stored.
select f.fetch_id, f.provider, f.symbol, f.first_session, f.last_session, i.asset_class, b.batch_id
from market.fetches as f
    join ref.instruments as i on i.symbol = f.symbol
    left join market.ingest_batches as b on b.fetch_id = f.fetch_id
where f.outcome = 'OK'
order by f.fetch_id

-- name: fetch_answers
select a.part, a.payload_id, a.status, a.content_type, a.request, r.payload_sha256, r.pruned_at is not null as pruned
from market.fetch_responses as a
    join market.provider_responses as r on r.payload_id = a.payload_id
where a.fetch_id = %(fetch)s
order by a.part

-- name: payload
select r.payload from market.provider_responses as r where r.payload_id = %(payload_id)s

-- name: payload_symbols
select array_agg(distinct f.symbol) as symbols
from market.fetch_responses as a
    join market.fetches as f on f.fetch_id = a.fetch_id
where a.payload_id = %(payload_id)s and f.symbol is not null

-- name: bar_differences
select * from market.bar_differences(
    %(fetch)s, %(ex_dates)s::date[], %(kinds)s::text[], %(factors)s::double precision[], %(amounts)s::double precision[]
)

-- name: fact_differences
select * from market.fact_differences(%(fetch)s, %(rows)s)

-- name: open_backfill
select * from market.open_backfill(
    %(providers)s, %(first)s, %(last)s, %(symbols)s::text[], %(worker)s, %(lease_seconds)s, %(restart)s
)

-- name: pending_items
select symbol from market.backfill_items
where backfill_id = %(backfill)s and state = 'PENDING' and symbol = any (%(symbols)s) order by symbol collate "C"

-- name: backfill_items
select state, count(*) as items from market.backfill_items where backfill_id = %(backfill)s group by state order by state

-- name: settle_item
select market.settle_item(%(backfill)s, %(symbol)s, %(fetch)s, %(reason)s, %(worker)s, %(lease_seconds)s)

-- name: ingest_fundamentals
select * from market.ingest_fundamentals(%(batch)s, %(rows)s)

-- name: ingest_news
select * from market.ingest_news(%(batch)s, %(rows)s)

-- name: fact_quarantine_reasons
select reason, count(*) as facts from market.quarantined_facts where batch_id = any (%(batches)s) group by reason order by reason

-- name: headlines_without_opinion
select * from market.headlines_without_opinion(%(scorer)s, %(version)s, %(limit)s)

-- name: record_opinions
select market.record_opinions(%(opinions)s)

-- name: refuse_batch
select market.refuse_batch(%(batch)s, %(reason)s, %(kind)s)

-- name: quarantine_reasons
select reason, count(*) as bars from market.quarantined_bars where batch_id = any (%(batches)s) group by reason order by reason

-- name: panel_sessions
select unnest(market.panel_sessions(%(as_of)s, %(sessions)s)) as session

-- name: panel
select * from market.panel(%(as_of)s, %(recorded_before)s, %(sessions)s, %(symbols)s)

-- name: altered_bars
select symbol, session, field, elected, received, provider, revision, known_at from market.altered_bars()

-- name: unelected_bars
select symbol, session from market.unelected_bars()

-- name: gap_windows
-- Missing sessions of a symbol, asked for equally often and near one another, together.
with apart as (
    select
        g.symbol, i.asset_class, i.price_basis, i.price_kind, g.session, g.attempts,
        s.session_number - lag(s.session_number) over alike > %(near)s as begins
    from market.open_gaps as g
        join ref.instruments as i on i.symbol = g.symbol
        join ref.sessions as s on s.calendar = i.calendar and s.session = g.session
    where %(symbols)s::text[] is null or g.symbol = any (%(symbols)s)
    window alike as (partition by g.symbol, g.attempts order by g.session)
), numbered as (
    select a.*, count(*) filter (where a.begins) over (partition by a.symbol, a.attempts order by a.session) as number
    from apart as a
)
select symbol, asset_class, price_basis, price_kind, attempts, array_agg(session order by session) as sessions
from numbered
group by symbol, asset_class, price_basis, price_kind, attempts, number
order by symbol, min(session)

-- name: record_attempts
select market.record_attempts(%(symbol)s, %(provider)s, %(sessions)s::date[], %(fault)s)

-- name: open_gaps
select symbol, session, first_missed_at, attempts, last_provider
from market.open_gaps
where %(symbol)s::text is null or symbol = %(symbol)s
order by symbol, session

-- name: declare_absences
select market.declare_absences(%(symbol)s, %(sessions)s::date[], %(reason)s)

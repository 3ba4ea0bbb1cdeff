-- market.open_gaps: every session that should have a bar and has none: from the instrument's first bar (before it has one: from
-- its first spell in the universe) to the last completed session (after its last spell: to the end of that), declared absences
-- left out. (ref.last_sessions is made after this view: the last completed session is told as it tells it.)
-- Why: a gap heals only where somebody asks again; it closes by itself when the bar is there. Read by: ingest --heal, gaps.
create or replace view market.open_gaps as
select
    s.symbol, s.session, s.closes_at + s.delay as first_missed_at, a.attempts, a.last_provider
from (
        select i.symbol, c.session, c.closes_at, d.delay
        from ref.instruments as i
            cross join (
                select coalesce(max(p.delay_minutes), 0) * interval '1 minute' as delay, ops.now() as now from ref.providers as p
            ) as d
            left join lateral (
                select min(u.valid_from) as valid_from, max(u.valid_to) as valid_to
                from ref.universe as u where u.symbol = i.symbol
            ) as u on true
            left join lateral (
                select h.session from market.price_history as h where h.symbol = i.symbol order by h.session limit 1
            ) as f on true
            join ref.sessions as c
                on c.calendar = i.calendar and c.closes_at <= d.now - d.delay
                and c.session >= coalesce(f.session, u.valid_from) and c.session < coalesce(u.valid_to, 'infinity')
    ) as s
    cross join lateral (
        select count(*)::integer as attempts, (array_agg(t.provider order by t.attempt_id desc))[1] as last_provider
        from market.gap_attempts as t
        where t.symbol = s.symbol and t.session = s.session
    ) as a
where not exists (select 1 from market.price_history as h where h.symbol = s.symbol and h.session = s.session)
    and not exists (select 1 from market.absences as x where x.symbol = s.symbol and x.session = s.session);
comment on view market.open_gaps is
'One row per instrument and session without a bar that should have one and was not declared absent.';
comment on column market.open_gaps.symbol is 'Instrument.';
comment on column market.open_gaps.session is 'Session of its calendar that is missing.';
comment on column market.open_gaps.first_missed_at is
'Instant from which it is missing: its close plus the longest delay of a source.';
comment on column market.open_gaps.attempts is 'How often it was asked for again.';
comment on column market.open_gaps.last_provider is 'Source asked last; NULL where none was yet.';

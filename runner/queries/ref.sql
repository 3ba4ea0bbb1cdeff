-- Reference data: calendar, providers, universe.

-- name: load_sessions
select * from ref.load_sessions(
    %(calendar)s, %(name)s, %(time_zone)s, %(sessions)b::date[], %(opens)b::timestamptz[], %(closes)b::timestamptz[],
    %(half_days)b::boolean[]
)

-- name: load_providers
select ref.load_providers(%(providers)s)

-- name: load_capabilities
select ref.load_capabilities(%(capabilities)s)

-- name: load_universe
select * from ref.load_universe(%(instruments)s, %(spells)s)

-- name: unlisted
-- Symbols that stay in the universe though their lines are gone from the file: a spell ends by its valid_to alone.
select distinct u.symbol
from ref.universe as u
    join ref.instruments as i on i.symbol = u.symbol
where i.tradable and u.valid_to = 'infinity' and u.symbol <> all (%(symbols)s::text[])
order by u.symbol

-- name: wall_date
-- The calendar reaches a year past the wall clock, also on a simulated database, whose history lies ahead of its own clock.
select clock_timestamp()::date

-- name: last_session
select * from ref.last_sessions where calendar = %(calendar)s

-- name: instruments
select * from ref.instruments order by symbol collate "C"

-- name: as_of
select s.closes_at + make_interval(mins => %(delay_minutes)s) as as_of,
    s.closes_at + make_interval(mins => %(delay_minutes)s) <= ops.now() as known,
    (select i.kind from ops.instances as i) as kind
from ref.sessions as s
where s.calendar = %(calendar)s and s.session = %(session)s

-- name: sessions_between
select s.session, s.opens_at, s.closes_at + make_interval(mins => %(delay_minutes)s) as as_of
from ref.sessions as s
where s.calendar = %(calendar)s and s.session between %(first)s and %(last)s
order by s.session

-- name: benchmarks
-- Of the calendar the fund decides by: another calendar's stands for the symbols of that one alone (ruling C7).
select i.symbol, i.asset_class from ref.instruments as i
where i.is_benchmark and i.calendar = %(calendar)s
order by i.symbol collate "C"

-- name: sessions_after
select s.session, s.opens_at, s.closes_at + make_interval(mins => %(delay_minutes)s) as as_of
from ref.sessions as s
where s.calendar = %(calendar)s and s.session > %(session)s
order by s.session
limit %(count)s

-- name: time_zone
select c.time_zone from ref.calendars as c where c.calendar = %(calendar)s

-- market.live_windows(symbols): of each instrument the window the live loop may ask for: the five sessions before today, and
-- today.
-- Why: one place says what five sessions are (ruling F7); market.refuse_live_history refuses what begins before.
-- Called by: runner/commands/ingest.py as fund_ingestor. Raises: nothing; an instrument that is not known has no row.
create or replace function market.live_windows(p_symbols text[])
returns table (symbol text, first_session date, last_session date)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select i.symbol, min(b.session), d.today
    from unnest(p_symbols) as g (symbol)
        join ref.instruments as i on i.symbol = g.symbol
        join ref.calendars as c on c.calendar = i.calendar
        cross join lateral (select (ops.now() at time zone c.time_zone)::date as today) as d
        cross join lateral (
            select s.session
            from ref.sessions as s
            where s.calendar = i.calendar and s.session < d.today
            order by s.session desc
            limit 5
        ) as b
    group by i.symbol, d.today
    order by i.symbol collate "C"
$$;
comment on function market.live_windows(text[]) is
'One row per instrument: first and last session the live loop may ask for.';

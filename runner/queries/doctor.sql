-- What `doctor` reads, as fund_monitor.

-- name: freshness
-- Last elected session against the last one the symbols' calendars say is over.
select
    (select pg_catalog.max(p.session) from market.price_history as p) as last_bar,
    (
        select pg_catalog.max(s.last_session)
        from ref.last_sessions as s
        where exists (
            select from ref.instruments as i
            inner join market.price_history as p on i.symbol = p.symbol
            where i.calendar = s.calendar
        )
    ) as last_session;

-- audit.known_bars(cycle, symbol, sessions): the bars of a symbol as a cycle could know them, the newest `sessions` of them.
-- Why: "what did we know when we sold it?": market.price_history says what is known today.
-- Called by: analysts. Raises: MQ450, MQ451.
create or replace function audit.known_bars(p_cycle text, p_symbol text, p_sessions integer default 10)
returns table (
    session date, provider text, revision integer, open double precision, high double precision, low double precision,
    close double precision, volume double precision, price_basis text, known_at timestamptz, recorded_at timestamptz,
    close_today double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        b.session, b.provider, b.revision, b.open, b.high, b.low, b.close, b.volume, b.price_basis, b.known_at, b.recorded_at,
        h.close
    from audit.cycles as c
        join ref.instruments as i on i.symbol = p_symbol
        cross join lateral (
            select s.session from ref.sessions as s
            where s.calendar = i.calendar and s.session <= c.as_of_session
            order by s.session desc
            limit p_sessions
        ) as t
        cross join lateral market.bar_as_of(p_symbol, t.session, c.as_of, c.recorded_before) as b
        left join market.price_history as h on h.symbol = b.symbol and h.session = b.session
    where c.cycle_id = audit.find_cycle(p_cycle)
    order by b.session
$$;
comment on function audit.known_bars(text, text, integer) is
'The bars of a symbol of the last sessions as a cycle knew them, with today''s close beside each. Raises MQ450, MQ451.';

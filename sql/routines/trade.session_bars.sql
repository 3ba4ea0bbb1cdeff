-- trade.session_bars(symbol, from): the sessions of a symbol from one on that have opened by ops.now(), each with its bar
-- once that is known.
-- What: the bar as its source first told it: a later revision does not change what was traded. Without one: NULL prices.
-- split_factor: of a split whose ex-date the session is, 1 for none.
-- Why: the paper exchange may know no price the market had not shown yet, and an order may rest for many sessions.
-- Called by: the broker worker of a paper account. Raises: nothing.
create or replace function trade.session_bars(p_symbol text, p_from date)
returns table (
    session date, opens_at timestamptz, closes_at timestamptz, open double precision, high double precision, low double precision,
    close double precision, volume double precision, price_kind text, price_basis text, split_factor double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with clock as materialized (
        select ops.now() as instant
    ),

    bars as (
        select h.session, h.open, h.high, h.low, h.close, h.volume
        from market.price_history as h, clock as c
        where h.symbol = p_symbol and h.session >= p_from and h.revision = 0 and h.known_at <= c.instant
        union all
        select b.session, b.open, b.high, b.low, b.close, b.volume
        from market.price_history as h
            join market.provider_bars as b
                on b.symbol = h.symbol and b.session = h.session and b.provider = h.provider and b.revision = 0
            cross join clock as c
        where h.symbol = p_symbol and h.session >= p_from and h.revision > 0 and b.known_at <= c.instant
    ),

    splits as (
        select a.ex_date, a.factor::double precision as factor
        from clock as c
            cross join lateral trade.known_actions(p_symbol, p_from, (c.instant at time zone 'UTC')::date) as a
        where a.kind = 'split'
    )

    select
        s.session, s.opens_at, s.closes_at, b.open, b.high, b.low, b.close, b.volume, i.price_kind, i.price_basis,
        coalesce(x.factor, 1)
    from clock as c
        join ref.instruments as i on i.symbol = p_symbol
        join ref.sessions as s on s.calendar = i.calendar and s.session >= p_from and s.opens_at <= c.instant
        left join bars as b on b.session = s.session
        left join splits as x on x.ex_date = s.session
    order by s.session
$$;
comment on function trade.session_bars(text, date) is
'One row per session of a symbol from a date on that has opened by ops.now(), with its bar as first told once it is known.';

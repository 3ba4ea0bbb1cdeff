-- market.prices_as_of(known, recorded, symbols): the elected bars as they were from what was known at one instant and recorded by
-- another; symbols null: all of them.
-- Why: a restatement keeps its predecessor, and a cycle's past is read as it stood (I24). Raw prices on the instrument's basis;
-- an elected bar within both bounds is the answer, the others are elected again from market.provider_bars.
-- Called by: replays, the gate, analysts' questions. Raises: nothing.
create or replace function market.prices_as_of(p_known timestamptz, p_recorded timestamptz, p_symbols text[] default null)
returns table (
    symbol text, session date, open double precision, high double precision, low double precision, close double precision,
    volume double precision, provider text, revision integer, price_kind text, price_basis text,
    known_at timestamptz, recorded_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        h.symbol, h.session, h.open, h.high, h.low, h.close, h.volume, h.provider, h.revision, h.price_kind, h.price_basis,
        h.known_at, h.recorded_at
    from market.price_history as h
    where h.known_at <= p_known and h.recorded_at <= p_recorded and (p_symbols is null or h.symbol = any (p_symbols))
    union all
    select
        e.symbol, e.session, e.open, e.high, e.low, e.close, e.volume, e.provider, e.revision, e.price_kind, e.price_basis,
        e.known_at, e.recorded_at
    from market.price_history as h
        cross join lateral market.bar_as_of(h.symbol, h.session, p_known, p_recorded) as e
    -- No session can be known before its own date begins.
    where h.session <= (p_known at time zone 'UTC')::date and (h.known_at > p_known or h.recorded_at > p_recorded)
        and (p_symbols is null or h.symbol = any (p_symbols))
    order by 1, 2
$$;
comment on function market.prices_as_of(timestamptz, timestamptz, text[]) is
'One row per symbol and session: the bar elected from what was known and recorded within the bounds; raw, on the instrument''s '
'basis.';

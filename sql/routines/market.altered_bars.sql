-- market.altered_bars(symbols): bars of market.price_history that differ from the row of market.provider_bars they were elected
-- from, field by field.
-- Why: ingest copies an elected bar and never changes one alone; where the two differ, somebody edited a fact in place, and a
-- replay names bar and field (I24). A bar without its source's row is one too.
-- Called by: replay. Raises: nothing.
create or replace function market.altered_bars(p_symbols text[] default null)
returns table (
    symbol text, session date, field text, elected double precision, received double precision, provider text, revision integer,
    known_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select h.symbol, h.session, f.field, f.elected, f.received, h.provider, h.revision, h.known_at
    from market.price_history as h
        left join market.provider_bars as b
            on b.provider = h.provider and b.symbol = h.symbol and b.session = h.session and b.revision = h.revision
        cross join lateral (
            values ('open', h.open, b.open), ('high', h.high, b.high), ('low', h.low, b.low), ('close', h.close, b.close),
                ('volume', h.volume, b.volume)
        ) as f (field, elected, received)
    where
        (h.open, h.high, h.low, h.close, h.volume) is distinct from (b.open, b.high, b.low, b.close, b.volume)
        and f.elected is distinct from f.received and (p_symbols is null or h.symbol = any (p_symbols))
    order by h.symbol collate "C", h.session, f.field collate "C"
$$;
comment on function market.altered_bars(text[]) is
'One row per bar and field where an elected bar is not what its source''s row says: edited in place.';

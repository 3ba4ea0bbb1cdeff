-- market.close_as_of(symbol, session, as_of, recorded_before): the close that was elected for a session within both bounds, or NULL.
-- Why: the slow half of the panel and of the gate's recount: only where what is elected now is newer than the bounds.
-- Called by: market.panel, market.session_counts. Raises: nothing.
create or replace function market.close_as_of(
    p_symbol text, p_session date, p_as_of timestamptz, p_recorded_before timestamptz
)
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select b.close
    from market.provider_bars as b
        join ref.providers as p on p.provider = b.provider
        join ref.instruments as i on i.symbol = b.symbol and i.price_basis = b.price_basis and i.price_kind = b.price_kind
    where b.symbol = p_symbol and b.session = p_session and b.known_at <= p_as_of and b.recorded_at <= p_recorded_before
    order by p.priority, b.revision desc
    limit 1
$$;
comment on function market.close_as_of(text, date, timestamptz, timestamptz) is
'The close elected for a symbol and session from what was known and recorded within the bounds; NULL where nothing was.';

-- market.bar_as_of(symbol, session, as_of, recorded_before): the bar that was elected for a session within both bounds, or no
-- row.
-- Why: the slow half of every read with bounds: only where what is elected now is newer than they are. By the source's priority
-- and its newest revision within the bounds, on the instrument's own price basis and kind.
-- Called by: market.panel, factor_steps, session_counts, prices_as_of. Raises: nothing.
create or replace function market.bar_as_of(
    p_symbol text, p_session date, p_as_of timestamptz, p_recorded_before timestamptz
)
returns setof market.provider_bars
language sql
stable
rows 1
security definer
set search_path = pg_catalog, pg_temp
as $$
    select b.*
    from market.provider_bars as b
        join ref.providers as p on p.provider = b.provider
        join ref.instruments as i on i.symbol = b.symbol and i.price_basis = b.price_basis and i.price_kind = b.price_kind
    where b.symbol = p_symbol and b.session = p_session and b.known_at <= p_as_of and b.recorded_at <= p_recorded_before
    order by p.priority, b.revision desc
    limit 1
$$;
comment on function market.bar_as_of(text, date, timestamptz, timestamptz) is
'The bar elected for a symbol and session from what was known and recorded within the bounds; no row where nothing was.';

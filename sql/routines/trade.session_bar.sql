-- trade.session_bar(symbol, session): the elected bar of a session, once it is known by ops.now(); no row before.
-- Why: the paper exchange may know no price the market had not shown yet.
-- Called by: the broker worker of a paper account. Raises: nothing.
create or replace function trade.session_bar(p_symbol text, p_session date)
returns table (
    open double precision, close double precision, volume double precision, price_kind text, price_basis text, provider text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select h.open, h.close, h.volume, h.price_kind, h.price_basis, h.provider
    from market.price_history as h
    where h.symbol = p_symbol and h.session = p_session and h.known_at <= ops.now()
$$;
comment on function trade.session_bar(text, date) is
'The elected bar of a symbol and session where it is known by ops.now(), else no row.';

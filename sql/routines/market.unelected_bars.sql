-- market.unelected_bars(): sessions for which a source of the instrument's basis and kind has a bar and none is elected.
-- Why: ingest elects with what it stores; a session without an elected bar that could have one lost it, and altered_bars, which
-- begins with the elected ones, cannot see that.
-- Called by: runner/archive.py as fund_ingestor. Raises: nothing.
create or replace function market.unelected_bars()
returns table (symbol text, session date)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select distinct b.symbol, b.session
    from market.provider_bars as b
        join ref.instruments as i on i.symbol = b.symbol and i.price_basis = b.price_basis and i.price_kind = b.price_kind
    where not exists (select 1 from market.price_history as h where h.symbol = b.symbol and h.session = b.session)
    order by 1, 2
$$;
comment on function market.unelected_bars() is
'One row per symbol and session whose source''s bar could be elected and is not: the elected one was lost.';

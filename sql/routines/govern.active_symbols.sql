-- govern.active_symbols(account, as-of session): the symbols that get a decision: in the universe on that session, or held.
-- Sector is effective-dated (ruling A2): that session's spell, for a symbol that left its last one, else Unknown.
-- Called by: govern.copy_inputs. Raises: nothing.
create or replace function govern.active_symbols(p_account text, p_as_of_session date)
returns table (
    symbol text, in_universe boolean, sector text, asset_class text, calendar text, shortable boolean, price_kind text,
    price_basis text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        i.symbol, coalesce(s.valid_to > p_as_of_session and i.tradable, false), coalesce(s.sector, 'Unknown'), i.asset_class,
        i.calendar, i.shortable, i.price_kind, i.price_basis
    from ref.instruments as i
        left join lateral (
            select u.sector, u.valid_to from ref.universe as u
            where u.symbol = i.symbol and u.valid_from <= p_as_of_session
            order by u.valid_from desc
            limit 1
        ) as s on true
    where
        s.valid_to > p_as_of_session and i.tradable
        or exists (
            select 1 from trade.positions as p
            where p.account = p_account and p.symbol = i.symbol and p.quantity <> 0
        )
    order by i.symbol collate "C"
$$;
comment on function govern.active_symbols(text, date) is
'One row per active symbol: in the universe on the as-of session, or held by the account.';

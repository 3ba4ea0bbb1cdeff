-- trade.known_actions(symbol, from, to): the corporate actions of a symbol with ex-dates in [from, to], known by ops.now().
-- What: in its newest known revision (factor 1: cancelled), of the source whose bar is elected on the ex-date, or, where that
-- bar is not known yet, of the last one before it: the rule of market.factor_steps, which a morning cannot wait for.
-- None for an instrument kept on an adjusted basis: its prices contain the action, and the book would have it twice.
-- Called by: trade.session_bars, trade.due_actions. Raises: nothing.
create or replace function trade.known_actions(p_symbol text, p_from date, p_to date)
returns table (ex_date date, kind text, provider text, revision integer, factor numeric, amount numeric, known_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with newest as (
        select distinct on (a.ex_date, a.kind, a.provider)
            a.ex_date, a.kind, a.provider, a.revision, a.factor::numeric, a.amount::numeric, a.known_at
        from market.corporate_actions as a
            join ref.instruments as i on i.symbol = a.symbol and i.price_basis = 'raw'
        where a.symbol = p_symbol and a.ex_date between p_from and p_to and a.known_at <= ops.now()
        order by a.ex_date, a.kind, a.provider, a.revision desc
    )

    select n.ex_date, n.kind, n.provider, n.revision, n.factor, n.amount, n.known_at
    from newest as n
    where n.provider = (
        select h.provider
        from market.price_history as h
        where h.symbol = p_symbol and h.session <= n.ex_date and h.known_at <= ops.now()
        order by h.session desc
        limit 1
    )
    order by n.ex_date, n.kind desc
$$;
comment on function trade.known_actions(text, date, date) is
'One row per ex-date and kind: the split or dividend of a raw series as known by ops.now(); a split before a dividend.';

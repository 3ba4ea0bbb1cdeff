-- trade.nav_with_flows(account, session): the NAV marked for a session, with the capital paid in or out that is booked behind it.
-- Why: a mark stays as it is, and the money is gone, or there, before the next one: what may be held is a fraction of what is in
-- the account. An account adopted since its opening mark would be sized by a capital that was never there (A6, I11).
-- Called by: trade.basket, trade.account_state. Raises: nothing; NULL without a mark of the session.
create or replace function trade.nav_with_flows(p_account text, p_session date)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select n.nav + coalesce((
        select sum(l.amount)
        from trade.cash_ledger as l
        where l.account = n.account and l.session > n.session and l.kind in ('deposit', 'withdrawal')
    ), 0)
    from trade.nav as n
    where n.account = p_account and n.session = p_session
$$;
comment on function trade.nav_with_flows(text, date) is
'NAV marked for a session and the capital paid in or out since, USD; NULL without a mark of the session.';

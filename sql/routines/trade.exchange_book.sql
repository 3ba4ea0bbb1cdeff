-- trade.exchange_book(account): what the paper exchange says of an account: its cash now, its equity at the last mark.
-- Called by: the broker worker of a paper account. Raises: MQ240.
create or replace function trade.exchange_book(p_account text)
returns table (cash numeric, equity numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        (select coalesce(sum(l.amount), 0) from trade.cash_ledger as l where l.account = a.account),
        (select n.nav from trade.nav as n where n.account = a.account order by n.session desc limit 1)
    from trade.require_account(p_account) as a
$$;
comment on function trade.exchange_book(text) is 'Cash of an account and its NAV at the last mark, USD. Raises MQ240.';

-- trade.unpaid_dividends(account): what the broker may still have to pay of the dividends we have booked: 0, the newest, the two
-- newest, …, of up to sixty days.
-- Why: we book a dividend on its ex-date (A6), a broker pays weeks later, the earlier ones first; which of them it has paid, no
-- reading of its cash says.
-- Called by: trade.snapshot_differences, trade.accepted_amount. Raises: nothing.
create or replace function trade.unpaid_dividends(p_account text)
returns table (amount numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select 0::numeric
    union all
    select sum(l.amount) over (order by l.session desc, l.entry_id desc)
    from trade.cash_ledger as l
    where l.account = p_account and l.kind = 'dividend' and l.session > (ops.now() at time zone 'UTC')::date - 60
$$;
comment on function trade.unpaid_dividends(text) is
'Amounts, in the account''s currency, by which the broker''s cash may be behind ours for dividends it has yet to pay; 0 is one.';

-- trade.unpaid_dividends(account, summed): dividends we have booked in the last sixty days, which the broker may still have to pay:
-- each, or summed: 0, the newest, the two newest, ….
-- Why: we book a dividend on its ex-date (A6), a broker pays weeks later, as a rule the earlier ones first; which of them it has
-- paid, no reading of its cash says.
-- Called by: trade.snapshot_differences, trade.accepted_amount. Raises: nothing.
create or replace function trade.unpaid_dividends(p_account text, p_summed boolean default true)
returns table (amount numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select 0::numeric where p_summed
    union all
    select case when p_summed then sum(l.amount) over (order by l.session desc, l.entry_id desc) else l.amount end
    from trade.cash_ledger as l
    where l.account = p_account and l.kind = 'dividend' and l.session > (ops.now() at time zone 'UTC')::date - 60
$$;
comment on function trade.unpaid_dividends(text, boolean) is
'Dividends of sixty days, in the account''s currency (one owed on a short position is negative), each or summed from the newest on.';

-- trade.capital_loss(account): the loss against flow-adjusted contributed capital at the newest mark, a fraction; negative: a
-- gain (A6, B7).
-- What: 1 - NAV / (deposits less withdrawals up to the mark's session): money that came later is in neither. Where more was
-- withdrawn than ever paid in, what is left is a gain: 0. NULL without a mark, or with neither capital nor NAV.
-- Why: it is never re-based: a loss stays one until capital is added or earned back.
-- Called by: govern.layer_01_kill_switch, trade.engage_loss_kill, ops.resume_checklist. Raises: nothing.
create or replace function trade.capital_loss(p_account text)
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when c.contributed > 0 then (1 - n.nav / c.contributed)::double precision
        when n.nav > 0 then 0
    end
    from (
        select m.session, m.nav from trade.nav as m where m.account = p_account order by m.session desc limit 1
    ) as n
        cross join lateral (
            select sum(l.amount) as contributed
            from trade.cash_ledger as l
            where l.account = p_account and l.session <= n.session and l.kind in ('deposit', 'withdrawal')
        ) as c
$$;
comment on function trade.capital_loss(text) is
'Loss against flow-adjusted contributed capital at the newest mark, fraction; NULL where it cannot be known (A6, B7).';

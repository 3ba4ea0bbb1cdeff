-- trade.account_state(account, as_of_session): what a cycle needs of an account, as one jsonb.
-- What: nav, cash, positions and open_orders (symbol to signed shares; protective stops aside), nav_index and marks of the as-of
-- session (the tactical one since the last re-base, A7), nav_returns of the last 260 marks (oldest first), contributed capital, turnover_used: increases already placed for the
-- session after it, fraction of NAV (A4). nav and what follows from it are NULL where the session is not marked; like
-- contributed capital it has what was paid in or out since the mark.
-- Why: one read, one snapshot, for HELD and the auction.
-- Called by: the cycle, as fund_decider. Raises: MQ240.
create or replace function trade.account_state(p_account text, p_as_of_session date)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'account', a.account,
        'as_of_session', p_as_of_session,
        'nav', f.nav,
        'cash', (select c.balance from trade.cash as c where c.account = a.account),
        'contributed_capital', (select c.contributed from trade.cash as c where c.account = a.account),
        'positions', (
            select coalesce(jsonb_object_agg(h.symbol, h.quantity), '{}')
            from trade.held_quantities as h where h.account = a.account and h.quantity <> 0
        ),
        'open_orders', (
            select coalesce(jsonb_object_agg(q.symbol, q.quantity), '{}')
            from trade.open_quantities as q where q.account = a.account and q.quantity <> 0
        ),
        'nav_index', n.nav_index,
        'tactical_mark', trade.tactical_mark(n.account, n.session),
        'lifetime_mark', n.lifetime_mark,
        'stale_marks', n.stale_marks,
        'nav_returns', (
            select coalesce(jsonb_agg(r.period_return order by r.session), '[]')
            from (
                select x.session, x.period_return
                from trade.nav as x
                where x.account = a.account and x.session <= p_as_of_session and x.period_return is not null
                order by x.session desc
                limit 260
            ) as r
        ),
        'turnover_used', trade.turnover_value(a.account, (
            select min(s.session) from ref.sessions as s where s.calendar = a.calendar and s.session > p_as_of_session
        )) / nullif(f.nav, 0)
    )
    from trade.require_account(p_account) as a
        left join trade.nav as n on n.account = a.account and n.session = p_as_of_session
        cross join lateral (select trade.nav_with_flows(n.account, n.session) as nav) as f
$$;
comment on function trade.account_state(text, date) is
'What a cycle needs of an account as one jsonb: nav, cash, positions, open_orders, marks, nav_returns, turnover_used. Raises MQ240.';

-- trade.marked_positions(account, session): the book at the close of a session, valued.
-- What: fills of sessions up to it and adjustments before the next opening (of a session of their own: up to it), at the last
-- close known now of a session up to it, divided by the splits that are booked since: old prices are of old shares.
-- Why: a mark belongs to its session whenever it is taken; a held symbol without a bar that day is valued at its last one (F18).
-- Called by: trade.compute_mark, trade.alert_unmarkable. Raises: nothing; a symbol without any price has price NULL.
create or replace function trade.marked_positions(p_account text, p_session date)
returns table (symbol text, quantity numeric, price numeric, price_session date)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with bounds as materialized (
        select ops.now() as instant, coalesce(min(s.opens_at), 'infinity') as next_opens_at
        from trade.accounts as a
            join ref.sessions as s on s.calendar = a.calendar and s.session > p_session
        where a.account = p_account
    ),

    held as (
        select m.symbol, sum(m.quantity) as quantity
        from (
            select f.symbol, case f.side when 'BUY' then f.quantity else -f.quantity end as quantity
            from trade.fills as f
            where f.account = p_account and f.session <= p_session
            union all
            select j.symbol, j.quantity
            from trade.position_adjustments as j
            where j.account = p_account
                and case when j.session is null then j.occurred_at < (select b.next_opens_at from bounds as b)
                    else j.session <= p_session end
        ) as m
        group by m.symbol
        having sum(m.quantity) <> 0
    )

    select
        h.symbol, h.quantity,
        case when x.factor is null then p.close::numeric else p.close::numeric / x.factor end, p.session
    from held as h
        left join lateral (
            select b.close, b.session
            from market.price_history as b
            where b.symbol = h.symbol and b.session <= p_session and b.known_at <= (select c.instant from bounds as c)
            order by b.session desc
            limit 1
        ) as p on true
        left join lateral (
            -- A product; NULL of none. Twelve digits, of which a price has five.
            select round(exp(sum(ln(n.factor))), 12) as factor
            from (
                select distinct on (a.ex_date) a.factor
                from trade.applied_actions as a
                where a.account = p_account and a.symbol = h.symbol and a.kind = 'split' and a.session <= p_session
                    and a.ex_date > p.session and a.ex_date <= p_session
                order by a.ex_date, a.entry desc
            ) as n
        ) as x on true
    order by h.symbol collate "C"
$$;
comment on function trade.marked_positions(text, date) is
'One row per symbol held at the close of a session, with the last close known now of a session up to it.';

-- trade.due_actions(account): what corporate actions that are known now owe the book and have not been booked as, earliest first.
-- What: of each symbol ever held, by what was held at the close before the ex-date. A split changes the shares to held x factor,
-- kept to four decimals as orders are (F14); what is left of a share is paid at the last close before, divided by the factor.
-- A dividend pays its amount a share, a short position pays it, on the ex-date: its price falls that day, whenever the broker
-- pays. Split and dividend of one date: the split first, the amount is of new shares (F9). Owed less booked: zero is not due,
-- so a restated amount, a cancelled action or a late fill is due as a difference.
-- Why: only series on raw prices (trade.known_actions): where prices contain the action the book would have it twice.
-- Called by: trade.apply_corporate_actions, trade.mark_nav. Raises: nothing.
create or replace function trade.due_actions(p_account text)
returns table (
    symbol text, ex_date date, kind text, entry integer, provider text, revision integer, factor numeric, amount numeric,
    held numeric, quantity numeric, cash numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with actions as (
        select h.symbol, k.*, s.opens_at
        from (select distinct q.symbol from trade.held_quantities as q where q.account = p_account) as h
            join ref.instruments as i on i.symbol = h.symbol
            cross join lateral trade.known_actions(
                h.symbol, (select min(n.session) + 1 from trade.nav as n where n.account = p_account),
                (ops.now() at time zone 'UTC')::date
            ) as k
            join ref.sessions as s on s.calendar = i.calendar and s.session = k.ex_date
    ),

    measured as (
        select
            a.*,
            (
                select coalesce(sum(case f.side when 'BUY' then f.quantity else -f.quantity end), 0)
                from trade.fills as f
                where f.account = p_account and f.symbol = a.symbol and f.session < a.ex_date
            ) + (
                select coalesce(sum(j.quantity), 0)
                from trade.position_adjustments as j
                where j.account = p_account and j.symbol = a.symbol and j.occurred_at < a.opens_at
                    -- What an action booked is counted below, by its ex-date.
                    and not exists (select 1 from trade.applied_actions as b where b.adjustment_id = j.adjustment_id)
            ) + (
                select coalesce(sum(b.quantity), 0)
                from trade.applied_actions as b
                where b.account = p_account and b.symbol = a.symbol
                    and (b.ex_date < a.ex_date or b.ex_date = a.ex_date and a.kind = 'dividend')
            ) as held,
            (
                select h.close::numeric
                from market.price_history as h
                where h.symbol = a.symbol and h.known_at <= ops.now()
                    and case a.kind when 'split' then h.session < a.ex_date else h.session = a.ex_date end
                order by h.session desc
                limit 1
            ) as close
        from actions as a
    ),

    owed as (
        select
            m.*,
            -- Rounded first: a factor of 1/3 is stored to fifteen digits, and three shares are one.
            case m.kind when 'split' then trunc(round(m.held * m.factor, 8), 4) - m.held else 0 end as owed_quantity,
            coalesce(case m.kind
                when 'split' then (round(m.held * m.factor, 8) - trunc(round(m.held * m.factor, 8), 4)) * m.close / m.factor
                else m.held * coalesce(m.amount, (m.factor - 1) * m.close)
            end, 0) as owed_cash
        from measured as m
    )

    select
        o.symbol, o.ex_date, o.kind, b.entries + 1, o.provider, o.revision, o.factor, o.amount, o.held,
        o.owed_quantity - b.quantity, o.owed_cash - b.cash
    from owed as o
        cross join lateral (
            select count(*)::integer as entries, coalesce(sum(x.quantity), 0) as quantity, coalesce(sum(x.cash), 0) as cash
            from trade.applied_actions as x
            where x.account = p_account and x.symbol = o.symbol and x.ex_date = o.ex_date and x.kind = o.kind
        ) as b
    where o.owed_quantity <> b.quantity or o.owed_cash <> b.cash
    order by o.ex_date, o.kind desc, o.symbol collate "C"
$$;
comment on function trade.due_actions(text) is
'One row per corporate action of a symbol held that is known and not (or otherwise) booked: what it owes less what is booked.';

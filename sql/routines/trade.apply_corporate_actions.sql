-- trade.apply_corporate_actions(account): books the splits and dividends that are known now, each once, and ends orders of old
-- shares.
-- What: per action a row of trade.applied_actions, with an adjustment of the position (split) and a movement of cash (dividend,
-- and what is left of a share). They count from the ex-date on; where that is marked already, from the first session that is not:
-- a mark is never edited, and the difference shows in the next one. Again changes nothing.
-- Why: a split not booked halves the NAV, a dividend not booked is a loss. A broker outside changes its own book overnight, ours
-- when the action is known here: until then the two readings differ by it (POSITION quarantines the symbol, and its break is
-- resolved without acceptance once this has booked it), and cash by a dividend from the ex-date to the broker's pay date.
-- Called by: the broker worker, after it has read the books and before it releases or marks. Raises: MQ240.
create or replace function trade.apply_corporate_actions(p_account text)
returns table (symbol text, ex_date date, kind text, quantity numeric, cash numeric, session date)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_calendar constant text := (trade.require_account(p_account)).calendar;
    v_due record;
    v_reason text;
    v_adjustment bigint;
    v_entry bigint;
    v_events jsonb;
begin
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    v_events := trade.cancel_over_splits(p_account);
    loop
        -- One at a time: what it changes is what the next one finds held.
        select d.* into v_due from trade.due_actions(p_account) as d limit 1;
        exit when not found;
        session := greatest(v_due.ex_date, (
            select min(s.session)
            from ref.sessions as s
            where s.calendar = v_calendar and s.session > (select max(n.session) from trade.nav as n where n.account = p_account)
        ));
        v_reason := format('%s of %s, factor %s, entry %s', v_due.kind, v_due.ex_date, v_due.factor, v_due.entry);
        v_adjustment := null;
        v_entry := null;
        if v_due.quantity <> 0 then
            insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at, session)
            values (p_account, v_due.symbol, v_due.quantity, v_reason, ops.now(), session)
            returning adjustment_id into v_adjustment;
        end if;
        if v_due.cash <> 0 then
            insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
            values (p_account, v_due.kind, v_due.cash, v_due.symbol || ' ' || v_reason, session, ops.now())
            returning entry_id into v_entry;
        end if;
        insert into trade.applied_actions (
            account, symbol, ex_date, kind, entry, provider, revision, factor, amount, held, quantity, cash, session,
            adjustment_id, entry_id, applied_at
        )
        values (
            p_account, v_due.symbol, v_due.ex_date, v_due.kind, v_due.entry, v_due.provider, v_due.revision, v_due.factor,
            v_due.amount, v_due.held, v_due.quantity, v_due.cash, session, v_adjustment, v_entry, ops.now()
        );
        symbol := v_due.symbol;
        ex_date := v_due.ex_date;
        kind := v_due.kind;
        quantity := v_due.quantity;
        cash := v_due.cash;
        return next;
        v_events := v_events || jsonb_build_object('event', 'action.applied', 'account', p_account, 'body', jsonb_build_object(
            'symbol', symbol, 'ex_date', ex_date, 'kind', kind, 'entry', v_due.entry, 'factor', v_due.factor::text,
            'held', v_due.held::text, 'quantity', quantity::text, 'cash', cash::text, 'session', session
        ));
    end loop;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
end;
$$;
comment on function trade.apply_corporate_actions(text) is
'Books every known split and dividend of what an account holds, once, and ends orders placed before a split. Raises MQ240.';

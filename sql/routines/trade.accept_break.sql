-- trade.accept_break(break, reason, capital, amount): takes what the broker says into our books, as ledger rows; the audit events of it.
-- What: POSITION and CASH: an adjustment by the break's difference, which the last complete reading must still have, none where
-- it is gone, on the session whose mark is the first to have it; cash that was paid in or out (`capital`) is a deposit or
-- withdrawal, which is no return (A6). ORDER_MISSING, DIFFERENT_ORDER, NOT_RELEASED: our order is over, CANCELLED. EXECUTION: so
-- is the order it is of, whose end would wait for it for ever; the shares are a POSITION. Any other kind has nothing to take.
-- Why: books are mended by a row with a person's reason, never by an edit (I8, I9). How much: trade.accepted_amount. An order that
-- the broker lists again is not over: another would be placed beside it.
-- Called by: trade.resolve_break, which holds the account. Raises: MQ366.
create or replace function trade.accept_break(
    p_break trade.breaks, p_reason text, p_capital boolean, p_amount numeric default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_reason constant text := format('break %s: %s', p_break.break_id, p_reason);
    v_amount numeric;
    v_order trade.orders;
begin
    if p_break.kind in ('CASH', 'POSITION') then
        v_amount := trade.accepted_amount(p_break, p_capital, p_amount);
    elsif p_break.kind = 'ORDER_MISSING' and (
        select s.body -> 'open_orders' ? p_break.subject
        from trade.broker_snapshots as s
        where s.account = p_break.account and s.complete
        order by s.snapshot_id desc
        limit 1
    ) then
        raise exception using errcode = 'MQ366', message = 'the last complete reading has the order again',
            detail = format('break_id=%s client_order_id=%s', p_break.break_id, p_break.subject),
            hint = 'resolve it without --accept: the order lives';
    end if;
    select o.* into v_order
    from trade.orders as o
    where p_break.kind in ('ORDER_MISSING', 'DIFFERENT_ORDER', 'NOT_RELEASED') and o.client_order_id = p_break.subject
        or p_break.kind = 'EXECUTION' and o.account = p_break.account and (
            o.client_order_id = p_break.evidence #>> '{theirs,client_order_id}'
            or o.broker_order_id = p_break.evidence #>> '{theirs,broker_order_id}'
        )
    for no key update;
    if v_order.client_order_id is not null then
        if v_order.closed_at is null then
            perform trade.move_order(v_order.client_order_id, 'CANCELLED', 'cancelled', jsonb_build_object('reason', c_reason));
        end if;
        return jsonb_build_array(trade.audit_event(v_order.client_order_id, jsonb_build_object('accepted', c_reason)));
    elsif p_break.kind = 'POSITION' and exists (select 1 from ref.instruments as i where i.symbol = p_break.symbol) then
        insert into trade.position_adjustments (account, symbol, quantity, reason, session, occurred_at)
        select p_break.account, p_break.symbol, v_amount, c_reason, trade.booking_session(p_break.account), ops.now()
        where v_amount <> 0;
    elsif p_break.kind = 'CASH' then
        insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
        select p_break.account, case when not p_capital then 'correction' when v_amount > 0 then 'deposit' else 'withdrawal' end,
            v_amount, c_reason, trade.booking_session(p_break.account), ops.now()
        where v_amount <> 0;
    else
        raise exception using errcode = 'MQ366', message = format('a break %s has no figure that could be accepted', p_break.kind),
            detail = format('break_id=%s kind=%s symbol=%s', p_break.break_id, p_break.kind, p_break.symbol),
            hint = 'mend the cause and resolve it without --accept; an unknown symbol is added to configs/universe.csv first';
    end if;
    return jsonb_build_array(jsonb_build_object('event', 'break.accepted', 'account', p_break.account, 'body', jsonb_build_object(
        'break_id', p_break.break_id, 'kind', p_break.kind, 'symbol', p_break.symbol, 'amount', v_amount::text, 'capital', p_capital,
        'reason', p_reason
    )));
end;
$$;
comment on function trade.accept_break(trade.breaks, text, boolean, numeric) is
'Takes what a broker says into our books as ledger rows and returns the audit events. Raises MQ366.';

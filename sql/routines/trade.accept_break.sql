-- trade.accept_break(break, reason, capital): takes what the broker says into our books, as ledger rows; the audit events of it.
-- What: POSITION and CASH: an adjustment by the break's difference, which the last complete reading must still have, none where
-- it is gone, on the session whose mark is the first to have it; cash that was paid in or out (`capital`) is a deposit or
-- withdrawal, which is no return (A6). ORDER_MISSING, DIFFERENT_ORDER, NOT_RELEASED: our order is over, CANCELLED. EXECUTION: so
-- is the order it is of, whose end would wait for it for ever; the shares are a POSITION. Any other kind has nothing to take.
-- Why: books are mended by a row with a person's reason, never by an edit (I8, I9). A fill or a split that we booked since the
-- reading may be the difference itself, and its figure of them is as old: only a new reading tells. A person's word is about the
-- figure they were shown: a fee that came behind a payment is neither capital nor what they found.
-- Called by: trade.resolve_break, which holds the account. Raises: MQ366.
create or replace function trade.accept_break(p_break trade.breaks, p_reason text, p_capital boolean)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_reason constant text := format('break %s: %s', p_break.break_id, p_reason);
    v_amount numeric;
    v_read numeric;
    v_told numeric;
    v_now numeric;
    v_order trade.orders;
begin
    select
        (d ->> 'theirs')::numeric - (d ->> 'ours')::numeric, (d ->> 'ours')::numeric,
        (p_break.evidence ->> 'theirs')::numeric - (p_break.evidence ->> 'ours')::numeric
    into v_amount, v_read, v_told
    from (
        select s.differences
        from trade.broker_snapshots as s
        where s.account = p_break.account and s.complete
        order by s.snapshot_id desc
        limit 1
    ) as last cross join jsonb_array_elements(last.differences) as d
    where p_break.kind in ('CASH', 'POSITION') and d ->> 'kind' = p_break.kind
        and d ->> 'symbol' is not distinct from p_break.symbol;
    v_now := case p_break.kind
        when 'CASH' then (select coalesce(sum(l.amount), 0) from trade.cash_ledger as l where l.account = p_break.account)
        when 'POSITION' then coalesce((
            select h.quantity from trade.held_quantities as h where h.account = p_break.account and h.symbol = p_break.symbol
        ), 0)
    end;
    if v_read <> v_now then
        raise exception using errcode = 'MQ366', message = 'our books changed after the last complete reading',
            detail = format('break_id=%s symbol=%s read=%s now=%s', p_break.break_id, p_break.symbol, v_read, v_now),
            hint = format('python -m runner sync --once --account %s, then accept what still differs', p_break.account);
    elsif v_amount is null and p_capital then
        raise exception using errcode = 'MQ366', message = 'nothing differs any more',
            detail = format('break_id=%s', p_break.break_id), hint = 'resolve it without --capital: no capital came or went';
    elsif v_amount <> v_told then
        raise exception using errcode = 'MQ366', message = 'the difference is another one by now',
            detail = format('break_id=%s symbol=%s told=%s now=%s', p_break.break_id, p_break.symbol, v_told, v_amount),
            hint = 'resolve it without --accept; what differs then is a new break: `sync --once --account ' || p_break.account || '`';
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
comment on function trade.accept_break(trade.breaks, text, boolean) is
'Takes what a broker says into our books as ledger rows and returns the audit events. Raises MQ366.';

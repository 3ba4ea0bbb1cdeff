-- trade.book_fill(order, execution_id, quantity, price, fee, price_basis, session, filled_at): the rows of one execution.
-- What: trade.fills, and its cash: proceeds or cost, and the fee as a row of its own. Exact products, no rounding.
-- Called by: trade.record_fill, which holds account and order. Raises: nothing of its own.
create or replace function trade.book_fill(
    p_order trade.orders, p_execution_id text, p_quantity numeric, p_price numeric, p_fee numeric, p_price_basis text,
    p_session date, p_filled_at timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into trade.fills (
        account, execution_id, client_order_id, symbol, side, quantity, price, fee, price_basis, session, filled_at, occurred_at
    )
    values (
        (p_order).account, p_execution_id, (p_order).client_order_id, (p_order).symbol, (p_order).side, p_quantity, p_price,
        p_fee, p_price_basis, p_session, p_filled_at, ops.now()
    );
    insert into trade.cash_ledger (account, kind, amount, execution_id, reason, session, occurred_at)
    select (p_order).account, c.kind, c.amount, p_execution_id, (p_order).client_order_id, p_session, ops.now()
    from (
        values
            ('trade', case (p_order).side when 'BUY' then -1 else 1 end * p_quantity * p_price),
            ('fee', -p_fee)
    ) as c (kind, amount)
    where c.amount <> 0;
$$;
comment on function trade.book_fill(trade.orders, text, numeric, numeric, numeric, text, date, timestamptz) is
'The rows of one execution: the fill and its cash.';

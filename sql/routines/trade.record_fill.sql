-- trade.record_fill(account, execution_id, id, quantity, price, fee, price_basis, session, filled_at): books one execution.
-- What: the fill, its cash (trade and fee), and the order's state from the sum of its fills. True where it was new, false where the
-- same execution is recorded already; in any order. A fill after the order's terminal state is booked beside it (I3, I9).
-- Why: positions are sums of fills, keyed by the broker's execution id: booking twice is impossible, not unlikely.
-- Called by: the broker worker. Raises: MQ240, MQ312, MQ315 other values, MQ316 more than ordered, MQ317 an order that never left.
create or replace function trade.record_fill(
    p_account text, p_execution_id text, p_client_order_id text, p_quantity numeric, p_price numeric, p_fee numeric,
    p_price_basis text, p_session date, p_filled_at timestamptz
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_known trade.fills;
    v_filled numeric;
    v_to_state text;
begin
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    v_order := trade.lock_order(p_client_order_id);
    select f.* into v_known from trade.fills as f where f.account = p_account and f.execution_id = p_execution_id;
    if found then
        if (v_known.client_order_id, v_known.quantity, v_known.price, v_known.fee, v_known.price_basis, v_known.session, v_known.filled_at)
            is distinct from (p_client_order_id, p_quantity, p_price, p_fee, p_price_basis, p_session, p_filled_at) then
            raise exception using errcode = 'MQ315', message = 'this execution is recorded with other values',
                detail = format('execution_id=%s stored=%s @ %s reported=%s @ %s', p_execution_id, v_known.quantity, v_known.price,
                    p_quantity, p_price),
                hint = 'python -m runner breaks list; a trade bust is an adjustment, never an edit';
        end if;
        return false;
    end if;
    select coalesce(sum(f.quantity), 0) + p_quantity into v_filled from trade.fills as f where f.client_order_id = p_client_order_id;
    if v_order.account <> p_account or v_order.post_attempt = 0 then
        raise exception using errcode = 'MQ317', message = 'an execution of an order that never left this account',
            detail = format('client_order_id=%s account=%s state=%s', p_client_order_id, p_account, v_order.state),
            hint = 'an order of the broker that nobody released is an incident: python -m runner kill';
    end if;
    if v_filled > v_order.quantity then
        raise exception using errcode = 'MQ316', message = 'more was filled than ordered',
            detail = format('client_order_id=%s ordered=%s filled=%s', p_client_order_id, v_order.quantity, v_filled),
            hint = 'compare the broker''s executions with trade.fills of this order';
    end if;
    perform trade.book_fill(v_order, p_execution_id, p_quantity, p_price, p_fee, p_price_basis, p_session, p_filled_at);
    v_to_state := case
        when v_order.closed_at is not null then v_order.state
        when v_filled = v_order.quantity then 'FILLED'
        else 'PARTIAL'
    end;
    if v_to_state <> v_order.state then
        perform trade.move_order(p_client_order_id, v_to_state, 'fill', jsonb_build_object('execution_id', p_execution_id), p_filled_at);
    else
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
        values (p_client_order_id, p_account, 'fill', v_order.state, v_order.state,
            jsonb_build_object('execution_id', p_execution_id), ops.now(), p_filled_at);
    end if;
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, jsonb_build_object(
        'execution_id', p_execution_id, 'quantity', p_quantity::text, 'price', p_price::text, 'fee', p_fee::text,
        'price_basis', p_price_basis, 'session', p_session
    ))));
    return true;
end;
$$;
comment on function trade.record_fill(text, text, text, numeric, numeric, numeric, text, date, timestamptz) is
'Books an execution with its cash, once: true where it was new. Raises MQ312, MQ315, MQ316, MQ317.';

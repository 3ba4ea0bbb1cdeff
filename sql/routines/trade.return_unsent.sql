-- trade.return_unsent(id, fencing_token, reason): a claimed order goes back to the queue, certainly unsent.
-- Why: a 429, or a worker that stopped before its POST: the only backward edge (I5). An order in doubt never takes it.
-- Called by: the broker worker. Raises: MQ312, MQ313, MQ327 an order that is not this worker's to return.
create or replace function trade.return_unsent(p_client_order_id text, p_fencing_token bigint, p_reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
begin
    v_order := trade.lock_order(p_client_order_id, coalesce(p_fencing_token, -1));
    if v_order.state <> 'SUBMITTED' or v_order.in_doubt then
        raise exception using errcode = 'MQ327', message = 'only a claimed order whose POST never began goes back unsent',
            detail = format('client_order_id=%s state=%s in_doubt=%s', p_client_order_id, v_order.state, v_order.in_doubt),
            hint = 'look it up at the broker by its client order id';
    end if;
    perform trade.move_order(p_client_order_id, 'PENDING', 'returned', jsonb_build_object('reason', p_reason));
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, jsonb_build_object('reason', p_reason))));
end;
$$;
comment on function trade.return_unsent(text, bigint, text) is
'Returns a claimed order to the queue, certainly unsent. Raises MQ312, MQ313, MQ327.';

-- trade.record_doubt(id, fencing_token, reason): the answer to a POST was lost; the order may be at the broker.
-- What: in doubt from here on, its lease over: whoever claims next looks it up. The same doubt again changes nothing.
-- Why: a time-out, a reset, a 5xx or an unreadable body is no refusal (I5); to say so at once saves the rest of the lease.
-- Called by: the broker worker. Raises: MQ312, MQ313, MQ340 an order that is not at a worker.
create or replace function trade.record_doubt(p_client_order_id text, p_fencing_token bigint, p_reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_detail constant jsonb := jsonb_build_object('reason', p_reason);
begin
    v_order := trade.lock_order(p_client_order_id, coalesce(p_fencing_token, -1));
    if v_order.state <> 'SUBMITTED' then
        raise exception using errcode = 'MQ340', message = 'only a released order can be in doubt',
            detail = format('client_order_id=%s state=%s', p_client_order_id, v_order.state),
            hint = 'the broker''s answer is known: python -m runner sync --once --account ' || v_order.account;
    end if;
    update trade.orders as o
    set in_doubt = true,
        doubt_since = coalesce(o.doubt_since, clock_timestamp()),
        lease_until = clock_timestamp()
    where o.client_order_id = p_client_order_id;
    insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
    values (p_client_order_id, v_order.account, 'in doubt', 'SUBMITTED', 'SUBMITTED', v_detail, ops.now());
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, v_detail)));
end;
$$;
comment on function trade.record_doubt(text, bigint, text) is
'Puts a released order whose answer was lost in doubt and ends its lease. Raises MQ312, MQ313, MQ340.';

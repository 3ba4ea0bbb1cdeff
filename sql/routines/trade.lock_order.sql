-- trade.lock_order(id, fencing_token): takes an order's row for update; a token given must be the current one.
-- Why: a worker whose lease was taken over must not act on what it believed (I4): the token rises with every claim.
-- Called by: trade.record_ack, _fill, _end, return_unsent. Raises: MQ312 no such order, MQ313 an older token.
create or replace function trade.lock_order(p_client_order_id text, p_fencing_token bigint default null)
returns trade.orders
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
begin
    select o.* into v_order from trade.orders as o where o.client_order_id = p_client_order_id for no key update;
    if not found then
        raise exception using errcode = 'MQ312', message = 'no order has this client order id',
            detail = format('client_order_id=%s', p_client_order_id),
            hint = 'an order of the broker that nobody placed is an incident: python -m runner kill';
    end if;
    if p_fencing_token <> v_order.fencing_token then
        raise exception using errcode = 'MQ313', message = 'another worker has claimed this order since',
            detail = format('client_order_id=%s token=%s current=%s', p_client_order_id, p_fencing_token, v_order.fencing_token),
            hint = 'drop what this worker believed and claim again: python -m runner sync --once --account ' || v_order.account;
    end if;
    return v_order;
end;
$$;
comment on function trade.lock_order(text, bigint) is
'An order''s row, locked; an outdated fencing token is refused. Raises MQ312, MQ313.';

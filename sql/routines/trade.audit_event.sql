-- trade.audit_event(id, detail): the audit event of an order as it stands, for a batch of audit.append.
-- Why: every event of the chain about an order has the same body: what it is, its state, and what happened.
-- Called by: the routines that change an order. Raises: nothing; NULL for an unknown order.
create or replace function trade.audit_event(p_client_order_id text, p_detail jsonb default null)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'event', 'order.' || lower(o.state), 'account', o.account, 'cycle_id', o.cycle_id,
        'body', jsonb_strip_nulls(jsonb_build_object(
            'client_order_id', o.client_order_id, 'symbol', o.symbol, 'leg', o.leg, 'side', o.side,
            'quantity', o.quantity::text, 'state', o.state, 'refused_by', o.refused_by, 'unsent', o.unsent,
            'in_doubt', o.in_doubt, 'post_attempt', o.post_attempt, 'fencing_token', o.fencing_token,
            'broker_order_id', o.broker_order_id, 'detail', p_detail
        ))
    )
    from trade.orders as o
    where o.client_order_id = p_client_order_id
$$;
comment on function trade.audit_event(text, jsonb) is
'The audit event of an order in its present state, with what happened as detail.';

-- trade.lease_order(order, worker, lease_seconds, detail): SUBMITTED under a worker's lease with a higher fencing token.
-- What: from PENDING it counts a POST (post_attempt) and is submitted now: a release before it came back unsent, and the paper
-- exchange fills from this instant on; from SUBMITTED it is in doubt from here on, and may have left at the instant it has.
-- Why: the record that a POST may leave is committed before it leaves (I4).
-- Called by: trade.claim_orders, which holds the row. Raises: nothing.
create or replace function trade.lease_order(p_order trade.orders, p_worker text, p_lease_seconds integer, p_detail jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_release constant boolean := p_order.state = 'PENDING';
begin
    update trade.orders as o
    set state = 'SUBMITTED',
        post_attempt = o.post_attempt + v_release::integer,
        in_doubt = not v_release,
        doubt_since = case when not v_release then coalesce(o.doubt_since, clock_timestamp()) end,
        fencing_token = o.fencing_token + 1,
        lease_owner = p_worker,
        lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
        submitted_at = case when v_release then c_now else coalesce(o.submitted_at, c_now) end
    where o.client_order_id = p_order.client_order_id;
    insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
    values (
        p_order.client_order_id, p_order.account, case when v_release then 'released' else 'in doubt' end, p_order.state,
        'SUBMITTED', coalesce(p_detail, '{}'::jsonb) || jsonb_build_object(
            'worker', p_worker, 'fencing_token', p_order.fencing_token + 1,
            'post_attempt', p_order.post_attempt + v_release::integer
        ),
        c_now
    );
end;
$$;
comment on function trade.lease_order(trade.orders, text, integer, jsonb) is
'Puts an order under a worker''s lease: released for a POST, or taken over in doubt.';

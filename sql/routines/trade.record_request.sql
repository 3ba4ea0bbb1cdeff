-- trade.record_request(request_id, fencing_token, outcome, reason): what a broker answered to a cancel.
-- What: kept with the request and as an event; it stays open until the order has its terminal fact, and is asked again after
-- request_retry_seconds. An older token changes nothing.
-- Called by: the broker worker. Raises: MQ343 no such outcome.
create or replace function trade.record_request(p_request_id bigint, p_fencing_token bigint, p_outcome text, p_reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request trade.order_requests;
begin
    if (p_outcome in ('ACCEPTED', 'NOT_CANCELABLE', 'NOT_FOUND', 'IN_DOUBT', 'UNSENT')) is not true then
        raise exception using errcode = 'MQ343', message = 'a broker answers a cancel with another outcome',
            detail = format('request_id=%s outcome=%s', p_request_id, p_outcome), hint = 'see trade.order_requests.outcome';
    end if;
    update trade.order_requests as r
    set outcome = p_outcome,
        outcome_reason = p_reason,
        lease_owner = null,
        lease_until = clock_timestamp() + make_interval(secs => coalesce(govern.effective_limit('request_retry_seconds'), 60))
    where r.request_id = p_request_id and r.fencing_token = p_fencing_token and r.settled_at is null
    returning r.* into v_request;
    if found then
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
        select o.client_order_id, o.account, 'cancel answered', o.state, o.state,
            jsonb_strip_nulls(jsonb_build_object('request_id', p_request_id, 'outcome', p_outcome, 'reason', p_reason)), ops.now()
        from trade.orders as o
        where o.client_order_id = v_request.client_order_id;
    end if;
end;
$$;
comment on function trade.record_request(bigint, bigint, text, text) is
'Keeps what the broker answered to a cancel. Raises MQ343.';

-- trade.move_order(id, to_state, event, detail, broker_at, refused_by): moves an order's state and records the event.
-- What: a terminal state sets closed_at and ends lease and doubt; an order that never left (from PENDING) ends unsent.
-- Why: state and event in one place and one transaction; whether the move is allowed is the trigger's to say.
-- Called by: the routines that release, acknowledge, fill, end and expire, which hold the order's row. Raises: MQ307 by the trigger.
create or replace function trade.move_order(
    p_client_order_id text, p_to_state text, p_event text, p_detail jsonb,
    p_broker_at timestamptz default null, p_refused_by text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_terminal constant boolean := (select s.terminal from trade.order_states as s where s.state = p_to_state);
    v_account text;
    v_from text;
begin
    select o.account, o.state into v_account, v_from from trade.orders as o where o.client_order_id = p_client_order_id;
    update trade.orders as o
    set state = p_to_state,
        refused_by = coalesce(p_refused_by, o.refused_by),
        unsent = o.unsent or (v_terminal and v_from = 'PENDING'),
        in_doubt = o.in_doubt and not v_terminal and p_to_state not in ('ACKNOWLEDGED', 'PARTIAL'),
        lease_owner = case when p_to_state = 'SUBMITTED' then o.lease_owner end,
        lease_until = case when p_to_state = 'SUBMITTED' then o.lease_until end,
        closed_at = case when v_terminal then c_now end
    where o.client_order_id = p_client_order_id;
    insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at, broker_at)
    values (p_client_order_id, v_account, p_event, v_from, p_to_state, coalesce(p_detail, '{}'::jsonb), c_now, p_broker_at);
end;
$$;
comment on function trade.move_order(text, text, text, jsonb, timestamptz, text) is
'Moves an order to a state with its event; a terminal one closes it. Raises MQ307 by the trigger.';

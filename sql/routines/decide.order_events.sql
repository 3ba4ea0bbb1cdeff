-- decide.order_events(cycle, run): one audit event per order a run placed or had refused, and per stop that makes way for one of
-- them, in the order of their ids.
-- Called by: decide.close_run. Raises: nothing.
create or replace function decide.order_events(p_cycle_id text, p_run integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'event', case o.state when 'REJECTED' then 'order.refused' else 'order.placed' end,
        'account', o.account, 'cycle_id', o.cycle_id,
        'body', jsonb_build_object(
            'client_order_id', o.client_order_id, 'run', o.run, 'symbol', o.symbol, 'leg', o.leg, 'revision', o.revision,
            'side', o.side, 'quantity', o.quantity, 'order_type', o.order_type, 'time_in_force', o.time_in_force,
            'limit_price', o.limit_price, 'stop_price', o.stop_price, 'trade_session', o.trade_session,
            'config_sha256', o.config_sha256, 'state', o.state, 'refused_by', o.refused_by
        )
    ) order by o.client_order_id collate "C"), '[]'::jsonb)
        || coalesce((
            select jsonb_agg(
                trade.audit_event(w.client_order_id, '{"cancel": "LATER_LEG"}') order by w.client_order_id collate "C"
            )
            from (
                select distinct s.client_order_id
                from trade.orders as s
                    join trade.orders as o on o.waits_for = s.client_order_id
                where o.cycle_id = p_cycle_id and o.run = p_run and o.leg <> 'stop' and s.leg = 'stop'
            ) as w
        ), '[]'::jsonb)
    from trade.orders as o
    where o.cycle_id = p_cycle_id and o.run = p_run
$$;
comment on function decide.order_events(text, integer) is
'Audit events of the orders of a run, one per order, and of the stops that make way for them, by client order id.';

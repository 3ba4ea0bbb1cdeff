-- audit.explain_orders(cycle, symbol): the orders a cycle led to for a symbol, its protective stops among them: who refused or
-- released them, what the broker answered, every execution, and what it cost against the price decided on.
-- Why: of the cycle, not of a run: an order belongs to the run that placed it, and only a DONE run places.
-- Called by: audit.explain_json. Raises: nothing.
create or replace function audit.explain_orders(p_cycle_id text, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'client_order_id', o.client_order_id, 'run', o.run, 'leg', o.leg, 'revision', o.revision, 'side', o.side,
        'quantity', o.quantity, 'order_type', o.order_type, 'time_in_force', o.time_in_force, 'limit_price', o.limit_price,
        'stop_price', o.stop_price, 'reference_price', o.reference_price, 'trade_session', o.trade_session, 'state', o.state,
        'refused_by', o.refused_by, 'unsent', o.unsent, 'in_doubt', o.in_doubt, 'waits_for', o.waits_for,
        'broker_order_id', o.broker_order_id, 'config_sha256', o.config_sha256, 'placed_at', o.placed_at,
        'submitted_at', o.submitted_at, 'closed_at', o.closed_at,
        'events', (
            select jsonb_agg(jsonb_build_object(
                'event', e.event, 'from', e.from_state, 'to', e.to_state, 'detail', e.detail, 'actor', e.actor,
                'occurred_at', e.occurred_at, 'broker_at', e.broker_at, 'recorded_at', e.recorded_at
            ) order by e.event_id)
            from trade.order_events as e
            where e.client_order_id = o.client_order_id
        ),
        'fills', f.fills, 'filled_quantity', f.quantity, 'average_price', f.value / f.quantity, 'fees', f.fees,
        'cost_usd', case o.side when 'BUY' then 1 else -1 end * (f.value - f.quantity * o.reference_price::numeric) + f.fees
    ) order by o.placed_at, o.revision, o.client_order_id collate "C"), '[]'::jsonb)
    from trade.orders as o
        cross join lateral (
            select
                sum(x.quantity) as quantity, sum(x.quantity * x.price) as value, sum(x.fee) as fees,
                coalesce(jsonb_agg(jsonb_build_object(
                    'execution_id', x.execution_id, 'quantity', x.quantity, 'price', x.price, 'fee', x.fee,
                    'price_basis', x.price_basis, 'session', x.session, 'filled_at', x.filled_at
                ) order by x.filled_at, x.execution_id collate "C"), '[]'::jsonb) as fills
            from trade.fills as x
            where x.client_order_id = o.client_order_id
        ) as f
    where o.cycle_id = p_cycle_id and o.symbol = p_symbol
$$;
comment on function audit.explain_orders(text, text) is
'A cycle''s orders for a symbol: wish, events, executions, cost in USD against the price decided on (fees included).';

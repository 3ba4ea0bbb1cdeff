-- audit.order_lifecycle: what happened to each order, event by event.
create or replace view audit.order_lifecycle as
select
    e.client_order_id,
    row_number() over (partition by e.client_order_id order by e.event_id) as step,
    e.event, e.from_state, e.to_state, o.account, o.cycle_id, o.symbol, o.side, o.quantity, e.detail, e.actor, e.occurred_at,
    e.broker_at, e.recorded_at
from trade.order_events as e
    join trade.orders as o on o.client_order_id = e.client_order_id;
comment on view audit.order_lifecycle is 'One row per event of an order.';
comment on column audit.order_lifecycle.client_order_id is 'Our id of the order.';
comment on column audit.order_lifecycle.step is '1, 2, … per order.';
comment on column audit.order_lifecycle.event is 'What happened.';
comment on column audit.order_lifecycle.from_state is 'State before.';
comment on column audit.order_lifecycle.to_state is 'State after.';
comment on column audit.order_lifecycle.account is 'Account.';
comment on column audit.order_lifecycle.cycle_id is 'Cycle that decided it.';
comment on column audit.order_lifecycle.symbol is 'Instrument.';
comment on column audit.order_lifecycle.side is 'BUY or SELL.';
comment on column audit.order_lifecycle.quantity is 'Shares wished.';
comment on column audit.order_lifecycle.detail is 'What came with the event.';
comment on column audit.order_lifecycle.actor is 'Login role.';
comment on column audit.order_lifecycle.occurred_at is 'Instant by ops.now().';
comment on column audit.order_lifecycle.broker_at is 'The broker''s instant, where it gave one.';
comment on column audit.order_lifecycle.recorded_at is 'Wall instant.';

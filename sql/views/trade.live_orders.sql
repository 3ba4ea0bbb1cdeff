-- trade.live_orders: what may still fill, with how much of it is left.
create or replace view trade.live_orders as
select
    o.account,
    o.client_order_id,
    o.symbol,
    o.leg,
    o.side,
    o.order_type,
    o.quantity,
    o.quantity - f.filled_quantity as unfilled_quantity,
    o.state,
    o.in_doubt,
    o.trade_session
from trade.orders as o
    cross join lateral (
        select coalesce(sum(x.quantity), 0) as filled_quantity
        from trade.fills as x
        where x.client_order_id = o.client_order_id
    ) as f
where o.state in ('PENDING', 'SUBMITTED', 'ACKNOWLEDGED', 'PARTIAL');
comment on view trade.live_orders is 'One row per order without its terminal fact: open, in flight or in doubt.';
comment on column trade.live_orders.account is 'Account.';
comment on column trade.live_orders.client_order_id is 'Order.';
comment on column trade.live_orders.symbol is 'Instrument.';
comment on column trade.live_orders.leg is 'Part of the intent.';
comment on column trade.live_orders.side is 'Direction.';
comment on column trade.live_orders.order_type is 'Type.';
comment on column trade.live_orders.quantity is 'Shares wished.';
comment on column trade.live_orders.unfilled_quantity is 'Shares not filled yet.';
comment on column trade.live_orders.state is 'Present state.';
comment on column trade.live_orders.in_doubt is 'True while a POST may or may not have reached the broker.';
comment on column trade.live_orders.trade_session is 'The session it is for and expires with (I10).';

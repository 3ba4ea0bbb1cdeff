-- audit.orders: every order with what became of it, in fills and money.
create or replace view audit.orders as
select
    o.client_order_id, o.account, o.cycle_id, o.run, o.symbol, o.leg, o.side, o.quantity, o.order_type, o.time_in_force,
    o.limit_price, o.stop_price, o.reference_price, o.price_basis, o.trade_session, o.state, o.refused_by, o.unsent, o.in_doubt,
    coalesce(f.filled_quantity, 0) as filled_quantity, f.average_price, coalesce(f.fees, 0) as fees, o.broker_order_id,
    o.config_sha256, o.placed_at, o.submitted_at, o.closed_at, o.recorded_at
from trade.orders as o
    left join lateral (
        select
            sum(x.quantity) as filled_quantity, sum(x.quantity * x.price) / sum(x.quantity) as average_price, sum(x.fee) as fees
        from trade.fills as x
        where x.client_order_id = o.client_order_id
    ) as f on true;
comment on view audit.orders is 'One row per order: the wish, its state, and what was filled.';
comment on column audit.orders.client_order_id is 'Our id of the order.';
comment on column audit.orders.account is 'Account.';
comment on column audit.orders.cycle_id is 'Cycle that decided it.';
comment on column audit.orders.run is 'Run of the cycle.';
comment on column audit.orders.symbol is 'Instrument.';
comment on column audit.orders.leg is 'entry, exit, stop, hedge or liquidation.';
comment on column audit.orders.side is 'BUY or SELL.';
comment on column audit.orders.quantity is 'Shares wished.';
comment on column audit.orders.order_type is 'MARKET, LIMIT, STOP or STOP_LIMIT.';
comment on column audit.orders.time_in_force is 'DAY, GTC, IOC or FOK.';
comment on column audit.orders.limit_price is 'Limit, listing currency.';
comment on column audit.orders.stop_price is 'Stop, listing currency.';
comment on column audit.orders.reference_price is 'Last close when decided, on price_basis.';
comment on column audit.orders.price_basis is 'raw, split_adjusted or fully_adjusted.';
comment on column audit.orders.trade_session is 'Session it is for.';
comment on column audit.orders.state is 'State.';
comment on column audit.orders.refused_by is 'Limit or rule that refused it here.';
comment on column audit.orders.unsent is 'True where it expired without being sent.';
comment on column audit.orders.in_doubt is 'True while the broker''s answer is unknown.';
comment on column audit.orders.filled_quantity is 'Shares filled.';
comment on column audit.orders.average_price is 'Average price of the fills, USD; NULL without one.';
comment on column audit.orders.fees is 'Fees, USD.';
comment on column audit.orders.broker_order_id is 'The broker''s id.';
comment on column audit.orders.config_sha256 is 'Configuration it was placed under.';
comment on column audit.orders.placed_at is 'Instant by ops.now().';
comment on column audit.orders.submitted_at is 'Instant of release by ops.now().';
comment on column audit.orders.closed_at is 'Instant of the terminal state by ops.now().';
comment on column audit.orders.recorded_at is 'Wall instant.';

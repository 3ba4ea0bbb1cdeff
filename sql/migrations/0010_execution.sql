-- 0010 execution: what the order protocol remembers of doubt, look-ups and the order of a symbol's legs.

alter table trade.orders
    add column doubt_since timestamptz,
    add column looked_up_at timestamptz,
    add column lookup_count integer not null default 0 check (lookup_count >= 0),
    add column waits_for text references trade.orders,
    add column broker_filled_quantity numeric not null default 0
        check (broker_filled_quantity >= 0 and broker_filled_quantity < 'Infinity'),
    add check (waits_for <> client_order_id),
    add check (not in_doubt or state = 'SUBMITTED');
comment on column trade.orders.doubt_since is
'Wall instant since which a POST of it may or may not have reached the broker; NULL where none ever was in doubt.';
comment on column trade.orders.looked_up_at is 'Wall instant of the last look-up that did not find it.';
comment on column trade.orders.lookup_count is 'Look-ups that did not find it since its last POST (I6).';
comment on column trade.orders.waits_for is 'Earlier leg of the symbol whose terminal fact it waits for before it is released.';
comment on column trade.orders.broker_filled_quantity is 'Highest filled quantity the broker reported, shares; never falls.';

create index orders_in_flight on trade.orders (account, lease_until) where state = 'SUBMITTED';
create index orders_pending on trade.orders (account, placed_at) where state = 'PENDING';

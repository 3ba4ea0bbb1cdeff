-- 0012 legs: what each state lets through, the order in which a symbol's legs leave, and what a broker takes.

create table govern.order_classes (
    leg text primary key check (leg in ('entry', 'exit', 'stop', 'hedge', 'liquidation')),
    order_class text not null check (order_class in ('increase', 'reduce', 'protective_stop', 'liquidation'))
);
comment on table govern.order_classes is 'One row per leg: the class of order the states of ruling B5 speak of.';
comment on column govern.order_classes.leg is 'Leg, as trade.orders names it.';
comment on column govern.order_classes.order_class is 'Class. A hedge may open, so it counts as an increase.';
insert into govern.order_classes (leg, order_class) values
('entry', 'increase'), ('hedge', 'increase'), ('exit', 'reduce'), ('stop', 'protective_stop'), ('liquidation', 'liquidation');

create table govern.state_permissions (
    state text not null check (
        state in ('KILL', 'HALT', 'LIQUIDATE', 'FREEZE', 'REJECT', 'RECOVERY', 'SCALE', 'ALLOW')
    ),
    order_class text not null check (order_class in ('increase', 'reduce', 'protective_stop', 'liquidation', 'cancel')),
    allowed boolean not null,
    demands text check (demands is null or demands = 'APPROVAL' and allowed),
    primary key (state, order_class)
);
comment on table govern.state_permissions is
'One row per state and class of order: whether the state lets it through (ruling B5). HALT stands beside the others: both must.';
comment on column govern.state_permissions.state is
'KILL: any kill source; HALT: an open break of that effect; the others: the account''s risk state.';
comment on column govern.state_permissions.order_class is 'Class of govern.order_classes, or cancel.';
comment on column govern.state_permissions.allowed is 'Whether it is placed and released in this state.';
comment on column govern.state_permissions.demands is 'What must be there besides; without it the order is refused.';
insert into govern.state_permissions (state, order_class, allowed, demands)
select
    s.state, c.order_class,
    case c.order_class
        when 'increase' then s.state in ('ALLOW', 'SCALE', 'RECOVERY')
        when 'reduce' then s.state in ('ALLOW', 'SCALE', 'RECOVERY', 'REJECT')
        when 'protective_stop' then s.state <> 'HALT'
        when 'liquidation' then s.state in ('LIQUIDATE', 'KILL')
        else true
    end,
    case when c.order_class = 'liquidation' and s.state in ('LIQUIDATE', 'KILL') then 'APPROVAL' end
from unnest(array['KILL', 'HALT', 'LIQUIDATE', 'FREEZE', 'REJECT', 'RECOVERY', 'SCALE', 'ALLOW']) as s (state)
    cross join unnest(array['increase', 'reduce', 'protective_stop', 'liquidation', 'cancel']) as c (order_class);

create table ref.broker_order_types (
    broker text not null references ref.brokers,
    order_type text not null check (order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    time_in_force text not null check (time_in_force in ('DAY', 'GTC', 'IOC', 'FOK')),
    fractional boolean not null,
    primary key (broker, order_type, time_in_force, fractional)
);
comment on table ref.broker_order_types is
'One row per kind of order a broker takes; what is not here it refuses, and so do we (rule ORDER_TYPE).';
comment on column ref.broker_order_types.broker is 'Broker.';
comment on column ref.broker_order_types.order_type is 'Type.';
comment on column ref.broker_order_types.time_in_force is 'How long it may rest.';
comment on column ref.broker_order_types.fractional is 'True: for a quantity with a fraction; false: for whole shares.';
-- What waits for a trigger cannot be immediate; a fraction is good for the day, whatever its type.
insert into ref.broker_order_types (broker, order_type, time_in_force, fractional)
select b.broker, t.order_type, f.time_in_force, q.fractional
from ref.brokers as b
    cross join unnest(array['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT']) as t (order_type)
    cross join unnest(array['DAY', 'GTC', 'IOC', 'FOK']) as f (time_in_force)
    cross join unnest(array[true, false]) as q (fractional)
where (f.time_in_force = 'DAY' or not q.fractional)
    and (f.time_in_force in ('DAY', 'GTC') or t.order_type in ('MARKET', 'LIMIT'));

insert into ref.broker_rules (rule, broker, asset_class, parameter, description) values
('ORDER_TYPE', 'all', 'all', null, 'a type and time in force the broker takes for that quantity: ref.broker_order_types'),
('PRICE_TICK', 'all', 'all', 0.01, 'limit and stop prices in whole ticks of this many USD, below 1 USD in hundredths of it'),
('NO_OPPOSITE_RESTING', 'all', 'all', null, 'no order against a live order of the same symbol that it is not ordered behind');

alter table trade.orders
    add column waits_for_filled numeric not null default 0 check (waits_for_filled >= 0 and waits_for_filled < 'Infinity');
comment on column trade.orders.waits_for_filled is
'Shares of waits_for that were filled when this was placed: what fills after that was not reckoned with.';
create index orders_waiting on trade.orders (waits_for) where waits_for is not null;
create index decisions_symbol on decide.decisions (account, symbol);
create index orders_symbol_legs on trade.orders (account, symbol, leg, placed_at);

alter type govern.order_contexts add attribute stop_price numeric;
alter type govern.order_contexts add attribute type_taken boolean;
alter type govern.order_contexts add attribute opposite_quantity numeric;
alter type govern.order_contexts add attribute earlier_leg text;
alter type govern.order_contexts add attribute earlier_filled numeric;
alter type govern.order_contexts add attribute earlier_unfilled numeric;
comment on type govern.order_contexts is
'Everything the checks of one order look at, this order counted in. reducible: shares it may trade toward zero before it '
'would open. opposite_quantity: live shares against it that it is not ordered '
'behind. earlier_*: the leg it waited for, what of it filled '
'since this was placed, and what of it did not fill. A NULL is an input that could not be read, and refuses (I17).';

create type trade.protective_stops as (
    symbol text,
    side text,
    quantity numeric,
    stop_price numeric,
    time_in_force text,
    trade_session date,
    cycle_id text,
    run integer,
    resting text,
    fits boolean,
    busy boolean
);
comment on type trade.protective_stops is
'The protective stop a symbol should have (quantity NULL: none) and whether the resting one is that; busy: another order lives.';

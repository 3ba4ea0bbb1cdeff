-- 0005 trade: accounts, orders (the outbox), fills, cash, NAV.

create table trade.accounts (
    account text primary key check (account ~ '^[a-z][a-z0-9_-]{0,30}$'),
    broker text not null check (broker in ('paper', 'alpaca')),
    kind text not null check (kind in ('paper', 'live')),
    broker_account_id text,
    base_currency text not null check (base_currency = 'USD'),
    calendar text not null references ref.calendars,
    opening_capital numeric not null check (opening_capital > 0 and opening_capital < 'Infinity'),
    opened_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.accounts is 'One row per trading account.';
comment on column trade.accounts.account is 'Our name of the account.';
comment on column trade.accounts.broker is 'Broker that executes.';
comment on column trade.accounts.kind is 'paper or live.';
comment on column trade.accounts.broker_account_id is 'Account id the broker must report; NULL for the paper broker.';
comment on column trade.accounts.base_currency is 'Currency of cash and NAV.';
comment on column trade.accounts.calendar is 'Calendar that decides its sessions.';
comment on column trade.accounts.opening_capital is 'Contributed capital at opening, USD.';
comment on column trade.accounts.opened_at is 'Instant by ops.now().';
comment on column trade.accounts.recorded_at is 'Wall instant.';

create table trade.order_states (
    state text primary key,
    terminal boolean not null
);
comment on table trade.order_states is 'One row per order state.';
comment on column trade.order_states.state is 'Name of the state.';
comment on column trade.order_states.terminal is 'True where nothing follows.';

insert into trade.order_states (state, terminal) values
('PENDING', false), ('SUBMITTED', false), ('ACKNOWLEDGED', false), ('PARTIAL', false),
('FILLED', true), ('CANCELLED', true), ('REJECTED', true), ('EXPIRED', true);

create table trade.order_transitions (
    from_state text not null references trade.order_states (state),
    to_state text not null references trade.order_states (state),
    meaning text not null,
    primary key (from_state, to_state)
);
comment on table trade.order_transitions is 'One row per allowed change of an order''s state; a trigger refuses every other.';
comment on column trade.order_transitions.from_state is 'State before.';
comment on column trade.order_transitions.to_state is 'State after.';
comment on column trade.order_transitions.meaning is 'When it happens.';

insert into trade.order_transitions (from_state, to_state, meaning) values
('PENDING', 'SUBMITTED', 'released: a POST may have left'),
('PENDING', 'REJECTED', 'refused here'),
('PENDING', 'CANCELLED', 'cancelled before release'),
('PENDING', 'EXPIRED', 'expired unsent with its trade session'),
('SUBMITTED', 'PENDING', 'unsent: 429, or a lease that ended with no POST begun'),
('SUBMITTED', 'ACKNOWLEDGED', 'the broker has it'),
('SUBMITTED', 'PARTIAL', 'first fill arrived before the acknowledgement'),
('SUBMITTED', 'FILLED', 'fills arrived before the acknowledgement'),
('SUBMITTED', 'CANCELLED', 'cancelled at the broker'),
('SUBMITTED', 'REJECTED', 'rejected by the broker'),
('SUBMITTED', 'EXPIRED', 'expired at the broker'),
('ACKNOWLEDGED', 'PARTIAL', 'partly filled'),
('ACKNOWLEDGED', 'FILLED', 'filled'),
('ACKNOWLEDGED', 'CANCELLED', 'cancelled'),
('ACKNOWLEDGED', 'REJECTED', 'accepted, then rejected'),
('ACKNOWLEDGED', 'EXPIRED', 'expired unfilled'),
('PARTIAL', 'FILLED', 'filled'),
('PARTIAL', 'CANCELLED', 'remainder cancelled'),
('PARTIAL', 'EXPIRED', 'remainder expired');

create table trade.orders (
    client_order_id text primary key check (length(client_order_id) <= 48),
    account text not null references trade.accounts,
    cycle_id text not null,
    run integer not null,
    symbol text not null references ref.instruments,
    leg text not null check (leg in ('entry', 'exit', 'stop', 'hedge', 'liquidation')),
    revision integer not null check (revision >= 0),
    side text not null check (side in ('BUY', 'SELL')),
    quantity numeric not null check (quantity > 0 and quantity < 'Infinity' and quantity = trunc(quantity, 4)),
    order_type text not null default 'MARKET' check (order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    time_in_force text not null default 'DAY' check (time_in_force in ('DAY', 'GTC', 'IOC', 'FOK')),
    limit_price numeric check (limit_price > 0 and limit_price < 'Infinity'),
    stop_price numeric check (stop_price > 0 and stop_price < 'Infinity'),
    reference_price double precision check (reference_price > 0 and reference_price < 'Infinity'),
    price_basis text not null,
    trade_session date not null,
    config_sha256 text not null references govern.config_versions,
    state text not null references trade.order_states (state),
    refused_by text,
    unsent boolean not null default false,
    in_doubt boolean not null default false,
    post_attempt integer not null default 0 check (post_attempt >= 0),
    lease_owner text,
    lease_until timestamptz,
    fencing_token bigint not null default 0,
    broker_order_id text,
    placed_at timestamptz not null,
    submitted_at timestamptz,
    closed_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp(),
    check (state <> 'REJECTED' or refused_by is not null or broker_order_id is not null or post_attempt > 0),
    unique (account, cycle_id, symbol, leg, revision)
);
comment on table trade.orders is 'One row per intent: the outbox of orders. A plain table (I2). What was wished never changes; its state moves by trade.order_transitions.';
comment on column trade.orders.client_order_id is 'Derived from (account, cycle, symbol, leg, revision), never from a clock or a sequence (I1).';
comment on column trade.orders.account is 'Account.';
comment on column trade.orders.cycle_id is 'Cycle that decided it.';
comment on column trade.orders.run is 'Run of that cycle.';
comment on column trade.orders.symbol is 'Instrument.';
comment on column trade.orders.leg is 'Part of the intent.';
comment on column trade.orders.revision is 'Rises only when a new intent follows one that has its terminal fact.';
comment on column trade.orders.side is 'Direction.';
comment on column trade.orders.quantity is 'Shares, at most four decimals (ruling F14).';
comment on column trade.orders.order_type is 'Type.';
comment on column trade.orders.time_in_force is 'How long it rests.';
comment on column trade.orders.limit_price is 'Limit, USD a share.';
comment on column trade.orders.stop_price is 'Trigger, USD a share.';
comment on column trade.orders.reference_price is 'Last close the checks used; NULL where there was none, which refuses.';
comment on column trade.orders.price_basis is 'Basis of the reference price and so of the fill: raw, or adjusted.';
comment on column trade.orders.trade_session is 'The session it is for and expires with (I10).';
comment on column trade.orders.config_sha256 is 'Configuration it was placed under.';
comment on column trade.orders.state is 'Present state.';
comment on column trade.orders.refused_by is 'Limit or rule that refused it here (state REJECTED).';
comment on column trade.orders.unsent is 'True where it ended without any POST.';
comment on column trade.orders.in_doubt is 'True while a POST may or may not have reached the broker.';
comment on column trade.orders.post_attempt is 'POSTs begun; never enters the id.';
comment on column trade.orders.lease_owner is 'Worker that holds it.';
comment on column trade.orders.lease_until is 'Wall instant its lease ends.';
comment on column trade.orders.fencing_token is 'Rises with every claim: an older holder is refused.';
comment on column trade.orders.broker_order_id is 'The broker''s id, once acknowledged.';
comment on column trade.orders.placed_at is 'Instant by ops.now().';
comment on column trade.orders.submitted_at is 'Instant of release by ops.now().';
comment on column trade.orders.closed_at is 'Instant of the terminal state by ops.now().';
comment on column trade.orders.recorded_at is 'Wall instant of placing.';

create index orders_open on trade.orders (account, symbol) where state in ('PENDING', 'SUBMITTED', 'ACKNOWLEDGED', 'PARTIAL');
create index orders_cycle on trade.orders (cycle_id);

create table trade.order_events (
    event_id bigint generated always as identity primary key,
    client_order_id text not null references trade.orders,
    account text not null references trade.accounts,
    event text not null,
    from_state text references trade.order_states (state),
    to_state text not null references trade.order_states (state),
    detail jsonb not null default '{}'::jsonb,
    actor text not null default session_user,
    occurred_at timestamptz not null,
    broker_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.order_events is 'One row per event of an order, append-only.';
comment on column trade.order_events.event_id is 'Sequence of the event.';
comment on column trade.order_events.client_order_id is 'Order.';
comment on column trade.order_events.account is 'Account.';
comment on column trade.order_events.event is 'placed, refused, released, acknowledged, fill, cancelled, rejected, expired, returned.';
comment on column trade.order_events.from_state is 'State before; NULL for the first.';
comment on column trade.order_events.to_state is 'State after.';
comment on column trade.order_events.detail is 'Evidence, without secrets.';
comment on column trade.order_events.actor is 'Login role.';
comment on column trade.order_events.occurred_at is 'Instant by ops.now().';
comment on column trade.order_events.broker_at is 'The broker''s instant, where it gave one (I25).';
comment on column trade.order_events.recorded_at is 'Wall instant.';

create index order_events_order on trade.order_events (client_order_id, event_id);

create table trade.fills (
    account text not null references trade.accounts,
    execution_id text not null,
    client_order_id text not null references trade.orders,
    symbol text not null references ref.instruments,
    side text not null check (side in ('BUY', 'SELL')),
    quantity numeric not null check (quantity > 0 and quantity < 'Infinity'),
    price numeric not null check (price > 0 and price < 'Infinity'),
    fee numeric not null check (fee >= 0 and fee < 'Infinity'),
    price_basis text not null check (price_basis in ('raw', 'split_adjusted', 'fully_adjusted')),
    session date not null,
    filled_at timestamptz not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, execution_id)
);
comment on table trade.fills is 'One row per execution, keyed by the broker''s id (I9): the only source of positions beside adjustments.';
comment on column trade.fills.account is 'Account.';
comment on column trade.fills.execution_id is 'The broker''s execution id.';
comment on column trade.fills.client_order_id is 'Order it fills.';
comment on column trade.fills.symbol is 'Instrument.';
comment on column trade.fills.side is 'Direction.';
comment on column trade.fills.quantity is 'Shares.';
comment on column trade.fills.price is 'Price a share, USD, costs of spread and slippage included.';
comment on column trade.fills.fee is 'Commission and fees, USD.';
comment on column trade.fills.price_basis is 'raw, or the adjusted basis a sample series is kept in.';
comment on column trade.fills.session is 'Exchange date of the execution.';
comment on column trade.fills.filled_at is 'Instant of the execution by the broker.';
comment on column trade.fills.occurred_at is 'Instant of booking by ops.now().';
comment on column trade.fills.recorded_at is 'Wall instant.';

create index fills_order on trade.fills (client_order_id);

create table trade.position_adjustments (
    adjustment_id bigint generated always as identity primary key,
    account text not null references trade.accounts,
    symbol text not null references ref.instruments,
    quantity numeric not null check (quantity > '-Infinity' and quantity < 'Infinity'),
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.position_adjustments is 'One row per change of a position that is no fill: adoption, split, correction (I9, I11).';
comment on column trade.position_adjustments.adjustment_id is 'Sequence.';
comment on column trade.position_adjustments.account is 'Account.';
comment on column trade.position_adjustments.symbol is 'Instrument.';
comment on column trade.position_adjustments.quantity is 'Signed change, shares.';
comment on column trade.position_adjustments.reason is 'Why.';
comment on column trade.position_adjustments.actor is 'Login role.';
comment on column trade.position_adjustments.occurred_at is 'Instant by ops.now().';
comment on column trade.position_adjustments.recorded_at is 'Wall instant.';

create table trade.cash_ledger (
    entry_id bigint generated always as identity primary key,
    account text not null references trade.accounts,
    kind text not null check (kind in ('deposit', 'withdrawal', 'trade', 'fee', 'dividend', 'interest', 'correction')),
    amount numeric not null check (amount > '-Infinity' and amount < 'Infinity'),
    execution_id text,
    reason text not null,
    session date not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    foreign key (account, execution_id) references trade.fills
);
comment on table trade.cash_ledger is 'One row per movement of cash; the balance is the sum.';
comment on column trade.cash_ledger.entry_id is 'Sequence.';
comment on column trade.cash_ledger.account is 'Account.';
comment on column trade.cash_ledger.kind is 'What moved it.';
comment on column trade.cash_ledger.amount is 'Signed USD.';
comment on column trade.cash_ledger.execution_id is 'Fill it belongs to.';
comment on column trade.cash_ledger.reason is 'Why.';
comment on column trade.cash_ledger.session is 'Exchange date it belongs to.';
comment on column trade.cash_ledger.occurred_at is 'Instant by ops.now().';
comment on column trade.cash_ledger.recorded_at is 'Wall instant.';

create unique index cash_ledger_execution on trade.cash_ledger (account, execution_id, kind) where execution_id is not null;

create table trade.nav (
    account text not null references trade.accounts,
    session date not null,
    cash numeric not null,
    long_value numeric not null,
    short_value numeric not null,
    nav numeric not null,
    net_flow numeric not null,
    period_return double precision,
    nav_index double precision not null,
    lifetime_mark double precision not null,
    tactical_mark double precision not null,
    stale_marks jsonb not null default '[]'::jsonb,
    marked_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, session)
);
comment on table trade.nav is 'One row per account and session: the marked book after the close.';
comment on column trade.nav.account is 'Account.';
comment on column trade.nav.session is 'Exchange date.';
comment on column trade.nav.cash is 'Cash, USD.';
comment on column trade.nav.long_value is 'Market value of long positions, USD.';
comment on column trade.nav.short_value is 'Market value of short positions, USD, not positive.';
comment on column trade.nav.nav is 'cash + long_value + short_value, USD.';
comment on column trade.nav.net_flow is 'Deposits less withdrawals of the session, USD.';
comment on column trade.nav.period_return is 'Time-weighted return since the previous mark, fraction; NULL for the first.';
comment on column trade.nav.nav_index is 'Time-weighted index, 1 at opening: withdrawals are no loss (ruling A6).';
comment on column trade.nav.lifetime_mark is 'Highest nav_index ever.';
comment on column trade.nav.tactical_mark is 'Highest nav_index since the last re-basing (ruling A7).';
comment on column trade.nav.stale_marks is 'Symbols valued at an older close, with its session.';
comment on column trade.nav.marked_at is 'Instant by ops.now().';
comment on column trade.nav.recorded_at is 'Wall instant.';

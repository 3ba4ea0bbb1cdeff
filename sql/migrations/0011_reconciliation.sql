-- 0011 reconciliation: what brokers say, what of it differs from our books, and the requests that follow.

create table ref.brokers (
    broker text primary key,
    external boolean not null,
    description text not null
);
comment on table ref.brokers is 'One row per broker an account can trade at.';
comment on column ref.brokers.broker is 'Broker, as trade.accounts names it.';
comment on column ref.brokers.external is
'True where the truth about orders and positions is kept elsewhere and must be reconciled with (I8).';
comment on column ref.brokers.description is 'What it is.';
insert into ref.brokers (broker, external, description) values
('paper', false, 'the paper exchange: prices from the bars, its book in this database'),
('alpaca', true, 'Alpaca, trading API v2');
-- A handful of accounts: the scan and its lock are over at once.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table trade.accounts add foreign key (broker) references ref.brokers;

create table ref.broker_statuses (
    broker text not null references ref.brokers,
    kind text not null check (kind in ('status', 'event')),
    name text not null,
    state text not null references trade.order_states (state),
    meaning text not null,
    primary key (broker, kind, name)
);
comment on table ref.broker_statuses is
'One row per word of a broker about an order, and the state it means; a word that is not here halts the account (ruling F11).';
comment on column ref.broker_statuses.broker is 'Broker.';
comment on column ref.broker_statuses.kind is 'status: of an order; event: of the trade stream, a hint only.';
comment on column ref.broker_statuses.name is 'The broker''s word.';
comment on column ref.broker_statuses.state is 'State it means. PARTIAL and FILLED are reached by executions, never by the word.';
comment on column ref.broker_statuses.meaning is 'What the broker means by it.';
insert into ref.broker_statuses (broker, kind, name, state, meaning) values
('alpaca', 'status', 'new', 'ACKNOWLEDGED', 'routed for execution'),
('alpaca', 'status', 'partially_filled', 'PARTIAL', 'partly filled'),
('alpaca', 'status', 'filled', 'FILLED', 'filled'),
('alpaca', 'status', 'done_for_day', 'ACKNOWLEDGED', 'no further execution before the next session'),
('alpaca', 'status', 'canceled', 'CANCELLED', 'cancelled, perhaps after a partial fill'),
('alpaca', 'status', 'expired', 'EXPIRED', 'its time in force ended'),
('alpaca', 'status', 'replaced', 'CANCELLED', 'replaced at the broker by somebody: we never replace, the new order is an orphan'),
('alpaca', 'status', 'pending_cancel', 'ACKNOWLEDGED', 'a cancel is under way; it may still fill'),
('alpaca', 'status', 'pending_replace', 'ACKNOWLEDGED', 'a replacement is under way; it may still fill'),
('alpaca', 'status', 'pending_review', 'ACKNOWLEDGED', 'held for a review'),
('alpaca', 'status', 'accepted', 'ACKNOWLEDGED', 'received, not yet routed'),
('alpaca', 'status', 'pending_new', 'ACKNOWLEDGED', 'routed, not yet accepted by the venue'),
('alpaca', 'status', 'accepted_for_bidding', 'ACKNOWLEDGED', 'at the venue, being evaluated for a price'),
('alpaca', 'status', 'stopped', 'ACKNOWLEDGED', 'a trade is guaranteed and has not happened yet'),
('alpaca', 'status', 'rejected', 'REJECTED', 'refused by the broker or the venue'),
('alpaca', 'status', 'suspended', 'ACKNOWLEDGED', 'not eligible for trading now'),
('alpaca', 'status', 'calculated', 'ACKNOWLEDGED', 'done for the day, settlement being calculated'),
('alpaca', 'status', 'held', 'ACKNOWLEDGED', 'held until another order ends'),
('alpaca', 'event', 'accepted', 'ACKNOWLEDGED', 'received'),
('alpaca', 'event', 'new', 'ACKNOWLEDGED', 'routed'),
('alpaca', 'event', 'pending_new', 'ACKNOWLEDGED', 'routed, not yet accepted'),
('alpaca', 'event', 'fill', 'FILLED', 'filled'),
('alpaca', 'event', 'partial_fill', 'PARTIAL', 'partly filled'),
('alpaca', 'event', 'canceled', 'CANCELLED', 'cancelled'),
('alpaca', 'event', 'expired', 'EXPIRED', 'expired'),
('alpaca', 'event', 'rejected', 'REJECTED', 'rejected'),
('alpaca', 'event', 'replaced', 'CANCELLED', 'replaced'),
('alpaca', 'event', 'pending_cancel', 'ACKNOWLEDGED', 'a cancel is under way'),
('alpaca', 'event', 'pending_replace', 'ACKNOWLEDGED', 'a replacement is under way'),
('alpaca', 'event', 'restated', 'ACKNOWLEDGED', 'changed without a trade');
-- The paper exchange speaks the same words.
insert into ref.broker_statuses (broker, kind, name, state, meaning)
select 'paper', 'status', s.name, s.state, s.meaning
from ref.broker_statuses as s
where s.broker = 'alpaca' and s.kind = 'status'
    and s.name in ('accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected');

create table ref.break_kinds (
    kind text primary key,
    effect text not null check (effect in ('HALT', 'QUARANTINE')),
    meaning text not null
);
comment on table ref.break_kinds is 'One row per kind of difference between the broker''s books and ours.';
comment on column ref.break_kinds.kind is 'Name of the kind.';
comment on column ref.break_kinds.effect is
'HALT: nothing is released for the account until it is resolved; QUARANTINE: nothing of the symbol.';
comment on column ref.break_kinds.meaning is 'What differs.';
insert into ref.break_kinds (kind, effect, meaning) values
('ACCOUNT_ID', 'HALT', 'the broker''s account is not the expected one (I31)'),
('CASH', 'HALT', 'cash differs by more than the tolerance in two snapshots'),
('CLOCK', 'HALT', 'the clocks differ by more than the limit in two snapshots'),
('DIFFERENT_ORDER', 'HALT', 'the broker has another order under an id of ours (I7)'),
('NOT_RELEASED', 'HALT', 'the broker has an order that by our books never left'),
('UNKNOWN_STATUS', 'HALT', 'the broker uses a word that is not in ref.broker_statuses'),
('EXECUTION', 'QUARANTINE', 'an execution cannot be booked'),
('LIVE_AFTER_END', 'QUARANTINE', 'the broker still works an order that ended here; its cancel is requested'),
('ORDER_MISSING', 'QUARANTINE', 'an order of ours is in no complete list of two'),
('POSITION', 'QUARANTINE', 'a position differs by more than the tolerance in two snapshots');

create table trade.broker_snapshots (
    snapshot_id bigint generated always as identity primary key,
    account text not null references trade.accounts,
    worker text not null check (worker <> ''),
    taken_at timestamptz not null,
    broker_at timestamptz,
    complete boolean not null,
    clean boolean not null check (complete or not clean),
    verdict text not null check (verdict <> ''),
    differences jsonb not null check (jsonb_typeof(differences) = 'array'),
    body jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.broker_snapshots is 'One row per reading of a broker''s books, with what differed from ours. Append-only.';
comment on column trade.broker_snapshots.snapshot_id is 'Sequence.';
comment on column trade.broker_snapshots.account is 'Account.';
comment on column trade.broker_snapshots.worker is 'Worker that read it.';
comment on column trade.broker_snapshots.taken_at is 'Instant by ops.now() at which the reading began; its age counts from here.';
comment on column trade.broker_snapshots.broker_at is 'The broker''s clock (I25).';
comment on column trade.broker_snapshots.complete is
'True where every call answered, every page was there and every row was readable.';
comment on column trade.broker_snapshots.clean is 'True where it is complete and nothing differed: what a release demands.';
comment on column trade.broker_snapshots.verdict is 'CLEAN, or the first reason why not.';
comment on column trade.broker_snapshots.differences is 'What differed: kind, symbol, ours, theirs.';
comment on column trade.broker_snapshots.body is 'The reading: account facts, cash, equity, positions, open orders, pages.';
comment on column trade.broker_snapshots.recorded_at is 'Wall instant.';
create index broker_snapshots_account on trade.broker_snapshots (account, snapshot_id desc);

create table trade.sync_watermarks (
    account text not null references trade.accounts,
    stream text not null check (stream in ('orders', 'executions')),
    value text not null,
    advanced_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, stream)
);
comment on table trade.sync_watermarks is 'One row per account and stream: how far the broker''s records are read and committed.';
comment on column trade.sync_watermarks.account is 'Account.';
comment on column trade.sync_watermarks.stream is 'orders: an update''s instant; executions: the broker''s activity id.';
comment on column trade.sync_watermarks.value is 'The mark; opaque here.';
comment on column trade.sync_watermarks.advanced_at is 'Instant by ops.now().';
comment on column trade.sync_watermarks.recorded_at is 'Wall instant of the first.';

create table trade.breaks (
    break_id bigint generated always as identity primary key,
    account text not null references trade.accounts,
    kind text not null references ref.break_kinds,
    symbol text,
    subject text not null default '',
    evidence jsonb not null,
    actor text not null default session_user,
    raised_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.breaks is 'One row per difference from the broker''s books that a person must resolve. Append-only.';
comment on column trade.breaks.break_id is 'Sequence.';
comment on column trade.breaks.account is 'Account.';
comment on column trade.breaks.kind is 'Kind, which decides the effect.';
comment on column trade.breaks.symbol is 'The broker''s symbol, where it is about one.';
comment on column trade.breaks.subject is 'Order or execution it is about; empty where it is about neither.';
comment on column trade.breaks.evidence is 'Ours and theirs, without secrets.';
comment on column trade.breaks.actor is 'Login role.';
comment on column trade.breaks.raised_at is 'Instant by ops.now().';
comment on column trade.breaks.recorded_at is 'Wall instant.';
create index breaks_account on trade.breaks (account, kind, symbol);

create table trade.break_resolutions (
    break_id bigint primary key references trade.breaks,
    account text not null references trade.accounts,
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    resolved_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.break_resolutions is 'One row per resolved break: an operator''s, with the reason. Append-only.';
comment on column trade.break_resolutions.break_id is 'Break.';
comment on column trade.break_resolutions.account is 'Account.';
comment on column trade.break_resolutions.reason is 'Why it is resolved.';
comment on column trade.break_resolutions.actor is 'Login role.';
comment on column trade.break_resolutions.resolved_at is 'Instant by ops.now().';
comment on column trade.break_resolutions.recorded_at is 'Wall instant.';

create table trade.adoptions (
    account text primary key references trade.accounts,
    snapshot_id bigint not null references trade.broker_snapshots,
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    adopted_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.adoptions is
'One row per external account whose first state is ours: from then on an order nobody placed kills (I11). Append-only.';
comment on column trade.adoptions.account is 'Account.';
comment on column trade.adoptions.snapshot_id is 'Reading it was adopted from.';
comment on column trade.adoptions.reason is 'Why; NOTHING_TO_ADOPT where both books were equal at the first reading.';
comment on column trade.adoptions.actor is 'Login role.';
comment on column trade.adoptions.adopted_at is 'Instant by ops.now().';
comment on column trade.adoptions.recorded_at is 'Wall instant.';

create table trade.foreign_orders (
    account text not null references trade.accounts,
    broker_order_id text not null check (broker_order_id <> ''),
    client_order_id text,
    report jsonb not null,
    before_adoption boolean not null,
    seen_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, broker_order_id)
);
comment on table trade.foreign_orders is
'One row per order of a broker that nobody placed here: known before the account was adopted, or a kill. Append-only.';
comment on column trade.foreign_orders.account is 'Account.';
comment on column trade.foreign_orders.broker_order_id is 'The broker''s id.';
comment on column trade.foreign_orders.client_order_id is 'Its client order id, as the broker reports it.';
comment on column trade.foreign_orders.report is 'The report it was first seen in.';
comment on column trade.foreign_orders.before_adoption is 'True where it was there before the account was adopted.';
comment on column trade.foreign_orders.seen_at is 'Instant by ops.now().';
comment on column trade.foreign_orders.recorded_at is 'Wall instant.';

create table trade.order_requests (
    request_id bigint generated always as identity primary key,
    client_order_id text not null references trade.orders,
    account text not null references trade.accounts,
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    attempts integer not null default 0 check (attempts >= 0),
    outcome text check (outcome in ('ACCEPTED', 'NOT_CANCELABLE', 'NOT_FOUND', 'IN_DOUBT', 'UNSENT')),
    outcome_reason text,
    lease_owner text,
    lease_until timestamptz,
    fencing_token bigint not null default 0,
    requested_at timestamptz not null,
    settled_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table trade.order_requests is
'One row per wish to cancel an order at the broker; settled by the order''s terminal fact, never by the broker''s answer.';
comment on column trade.order_requests.request_id is 'Sequence.';
comment on column trade.order_requests.client_order_id is 'Order to be cancelled.';
comment on column trade.order_requests.account is 'Account.';
comment on column trade.order_requests.reason is 'Why.';
comment on column trade.order_requests.actor is 'Login role that asked.';
comment on column trade.order_requests.attempts is 'Cancels begun.';
comment on column trade.order_requests.outcome is 'What the last one came back with.';
comment on column trade.order_requests.outcome_reason is 'In the broker''s words.';
comment on column trade.order_requests.lease_owner is 'Worker that holds it.';
comment on column trade.order_requests.lease_until is 'Wall instant before which nobody else asks.';
comment on column trade.order_requests.fencing_token is 'Rises with every claim.';
comment on column trade.order_requests.requested_at is 'Instant by ops.now().';
comment on column trade.order_requests.settled_at is
'Instant by ops.now() at which the order had its terminal fact; NULL before.';
comment on column trade.order_requests.recorded_at is 'Wall instant.';
create unique index order_requests_open on trade.order_requests (client_order_id) where settled_at is null;

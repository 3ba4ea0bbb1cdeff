-- 0007 notify and audit: the alert outbox and the hash chain.

create table notify.alerts (
    alert_id bigint generated always as identity primary key,
    level text not null check (level in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    category text not null check (category in ('RISK', 'PERFORMANCE', 'SYSTEM', 'MARKET_DATA', 'TRADING', 'DATA_QUALITY')),
    code text not null,
    symbol text,
    account text references trade.accounts,
    message text not null,
    detail jsonb not null default '{}'::jsonb,
    dedup_key text not null,
    repeats integer not null default 0,
    raised_at timestamptz not null,
    last_raised_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    raised_by text not null default session_user
);
comment on table notify.alerts is 'One row per alert, the outbox of notifications (ruling F16); repeated ones within the window are counted, not repeated.';
comment on column notify.alerts.alert_id is 'Sequence.';
comment on column notify.alerts.level is 'Severity.';
comment on column notify.alerts.category is 'Category.';
comment on column notify.alerts.code is 'Machine-readable code.';
comment on column notify.alerts.symbol is 'Instrument, where it concerns one.';
comment on column notify.alerts.account is 'Account, where it concerns one.';
comment on column notify.alerts.message is 'One line for a person, without secrets.';
comment on column notify.alerts.detail is 'Evidence.';
comment on column notify.alerts.dedup_key is 'category + symbol + code.';
comment on column notify.alerts.repeats is 'Further occurrences within the window.';
comment on column notify.alerts.raised_at is 'Instant by ops.now().';
comment on column notify.alerts.last_raised_at is 'Instant of the latest occurrence.';
comment on column notify.alerts.recorded_at is 'Wall instant.';
comment on column notify.alerts.raised_by is 'Login role.';

create index alerts_dedup on notify.alerts (dedup_key, alert_id desc);

create table audit.audit_log (
    seq bigint primary key check (seq > 0),
    prev_hash bytea not null unique check (length(prev_hash) = 32),
    hash bytea not null unique check (length(hash) = 32),
    payload bytea not null,
    event text not null,
    account text,
    cycle_id text,
    actor text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null
);
comment on table audit.audit_log is 'The tamper-evident log: one row per state change, chained by SHA-256 (I22). Append-only; a plain table.';
comment on column audit.audit_log.seq is '1, 2, 3, … without a gap.';
comment on column audit.audit_log.prev_hash is 'Hash of the row before; 32 zero bytes for the first.';
comment on column audit.audit_log.hash is 'SHA-256 of prev_hash || payload.';
comment on column audit.audit_log.payload is 'Canonical UTF-8 JSON of the event: what is hashed.';
comment on column audit.audit_log.event is 'Name of the event.';
comment on column audit.audit_log.account is 'Account, where it concerns one.';
comment on column audit.audit_log.cycle_id is 'Cycle, where it concerns one.';
comment on column audit.audit_log.actor is 'Login role.';
comment on column audit.audit_log.occurred_at is 'Instant by ops.now().';
comment on column audit.audit_log.recorded_at is 'Wall instant.';

create index audit_log_cycle on audit.audit_log (cycle_id) where cycle_id is not null;

create table audit.heads (
    singleton boolean primary key default true check (singleton),
    seq bigint not null,
    hash bytea not null check (length(hash) = 32)
);
comment on table audit.heads is 'One row: the head of the chain, taken for update by every append.';
comment on column audit.heads.singleton is 'Always true: one row.';
comment on column audit.heads.seq is 'Sequence of the last row; 0 for none.';
comment on column audit.heads.hash is 'Hash of the last row.';

insert into audit.heads (seq, hash) values (0, decode(repeat('00', 32), 'hex'));
